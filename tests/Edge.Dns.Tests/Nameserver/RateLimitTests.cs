using System.Net;
using Edge.Dns.Nameserver;
using Edge.Dns.Wire;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>Response rate limiting: what a network gets in one second that has not proved its address.</summary>
public sealed class RateLimitTests
{
    private const string Zone = """
        @       300 SOA   ns hostmaster 1 7200 900 1209600 300
        @       300 NS    ns
        ns      300 A     192.0.2.53
        *.wild  300 A     192.0.2.80
        sub     300 NS    ns.elsewhere.org.
        """;

    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
    private readonly RateLimiter _limiter;
    private readonly TestNameserver _server;

    public RateLimitTests()
    {
        _limiter = new RateLimiter(new RateLimitOptions { Answers = 10, Others = 5, Slip = 2, Exempt = [IPNetwork.Parse("203.0.113.0/25"), IPNetwork.Parse("2001:db8:e::/48")] });
        _server = TestNameserver.With(("example.com.", Zone)).Using(new NameserverOptions { RateLimiter = _limiter, Cookies = new ServerCookies([new byte[16]]), Time = _time });
    }

    [Theory]
    [InlineData("answers, every second limited one truncated", "a{0}.wild.example.com.", "198.51.100.{0}", 10, 45)]
    [InlineData("one client", "a{0}.wild.example.com.", "198.51.100.7", 10, 45)]
    [InlineData("NXDOMAIN, which is counted apart", "a{0}.example.com.", "198.51.100.{0}", 5, 47)]
    [InlineData("referrals", "a{0}.sub.example.com.", "198.51.100.{0}", 5, 47)]
    [InlineData("REFUSED", "a{0}.elsewhere.org.", "198.51.100.{0}", 5, 47)]
    [InlineData("a /56 of IPv6 is one network", "a{0}.wild.example.com.", "2001:db8:0:{0:x2}::1", 10, 45)]
    [InlineData("the LAN is not limited, nor counted as one client", "a{0}.wild.example.com.", "192.168.1.{0}", 100, 0)]
    [InlineData("exempt networks are not limited", "a{0}.wild.example.com.", "203.0.113.{0}", 100, 0)]
    [InlineData("exempt networks of IPv6", "a{0}.wild.example.com.", "2001:db8:e:{0:x2}::1", 100, 0)]
    [InlineData("every network has its own count", "a{0}.wild.example.com.", "198.51.{0}.1", 100, 0)]
    public void Of_a_hundred_queries_in_a_second(string what, string name, string client, int whole, int truncated)
    {
        var got = Enumerable.Range(1, 100).Select(i => Ask(string.Format(name, i), string.Format(client, i))).ToList();
        Assert.Equal((what, whole, truncated), (what, got.Count(answer => answer is not null && !IsTruncated(answer)), got.Count(answer => answer is not null && IsTruncated(answer))));
    }

    [Fact]
    public void The_next_second_begins_anew()
    {
        var got = 0;
        for (var second = 0; second < 3; second++)
        {
            got += Enumerable.Range(1, 100).Count(i => Ask($"a{i}.wild.example.com.", "198.51.100.7") is { } answer && !IsTruncated(answer));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(30, got);
        Assert.Equal((135, 135), (_limiter.Slipped, _limiter.Dropped));
        Assert.Equal("198.51.100.0/24", _limiter.LastLimited);
    }

    [Theory]
    [InlineData(Transport.Tcp)]
    [InlineData(Transport.Tls)]
    [InlineData(Transport.Https)]
    public void Who_shook_hands_is_not_limited(Transport transport) =>
        Assert.Equal(100, Enumerable.Range(1, 100).Count(i => Ask($"a{i}.wild.example.com.", "198.51.100.7", transport) is { } answer && !IsTruncated(answer)));

    [Fact]
    public void RFC_7873_5_2_4_a_cookie_gets_through_a_flood_and_a_client_that_begins_gets_one_instead_of_an_answer()
    {
        Edns Cookie(string hex) => new(1232) { Options = [new EdnsOption(EdnsOption.CookieOption, Convert.FromHexString(hex))] };
        for (var i = 0; i < 1000; i++)
        {
            Ask($"a{i}.wild.example.com.", "198.51.100.1");
        }

        var first = Enumerable.Range(0, 2).Select(_ => Ask("a.wild.example.com.", "198.51.100.7", edns: Cookie("0102030405060708"))).Single(answer => answer is not null)!;
        Assert.Equal(Rcode.BadCookie, first.Rcode);
        var cookie = Convert.ToHexString(first.Edns!.Options.Single(option => option.Code == EdnsOption.CookieOption).Data.Span);
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Single(Ask("a.wild.example.com.", "198.51.100.7", edns: Cookie(cookie))!.Answer));
        Assert.Equal(0, Enumerable.Range(0, 100).Count(_ => Ask("a.wild.example.com.", "198.51.100.8", edns: Cookie(cookie)) is { Rcode: Rcode.NoError }));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 90)]
    [InlineData(3, 30)]
    public void Slip(int slip, int truncated)
    {
        var limiter = new RateLimiter(new RateLimitOptions { Answers = 10, Slip = slip });
        var verdicts = Enumerable.Range(0, 100).Select(_ => limiter.Count(TestNameserver.PublicClient, ResponseClass.Answer, 1)).ToList();
        Assert.Equal((10, truncated), (verdicts.Count(verdict => verdict == RateVerdict.Send), verdicts.Count(verdict => verdict == RateVerdict.Slip)));
    }

    [Fact]
    public void A_limit_of_zero_is_none()
    {
        var limiter = new RateLimiter(new RateLimitOptions { Answers = 0, Others = 0 });
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.Equal(RateVerdict.Send, limiter.Count(TestNameserver.PublicClient, ResponseClass.NxDomain, 1)));
    }

    [Fact]
    public void A_flood_from_everywhere_does_not_push_out_who_floods_most()
    {
        var limiter = new RateLimiter(new RateLimitOptions { Answers = 10, Slip = 0 });
        var loud = ClientAddress.From(IPAddress.Parse("198.51.100.7"));
        var sent = 0;
        for (uint i = 0; i < 200_000; i++)
        {
            sent += limiter.Count(loud, ResponseClass.Answer, 1) == RateVerdict.Send ? 1 : 0;
            limiter.Count(ClientAddress.FromBytes([(byte)(i >> 16), (byte)(i >> 8), (byte)i, 1]), ResponseClass.Answer, 1);
        }

        Assert.Equal(10, sent);
    }

    private Message? Ask(string name, string client, Transport transport = Transport.Udp, Edns? edns = null) =>
        _server.Raw(TestNameserver.Query(name, "A", edns), transport, ClientAddress.From(IPAddress.Parse(client))) is { } raw ? TestNameserver.Read(raw) : null;

    private static bool IsTruncated(Message answer) => answer.Flags.HasFlag(MessageFlags.Truncated);
}

using System.Net;
using Edge.Dns.Nameserver;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>What the options of a query get: cookies, NSID, keepalive, padding, client subnet.</summary>
public sealed class QueryOptionTests
{
    private const string Zone = """
        @       300 SOA   ns hostmaster 1 7200 900 1209600 300
        @       300 NS    ns
        ns      300 A     192.0.2.53
        web     300 A     192.0.2.80
        big     300 TXT   "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        big     300 TXT   "1123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        big     300 TXT   "2123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        big     300 TXT   "3123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        """;

    private static readonly FakeTimeProvider Clock = new(DateTimeOffset.FromUnixTimeSeconds(1559731985));
    private static readonly IPAddress Stranger = IPAddress.Parse("198.51.100.100");

    private static TestNameserver Server(bool required = false, RateLimitOptions? limit = null) => TestNameserver.With(("example.com.", Zone)).Using(new NameserverOptions
    {
        Cookies = new ServerCookies([Convert.FromHexString("e5e973e5a6b2a43f48e7dc849e37bfcf")]),
        CookiesRequired = required,
        Nsid = [.. "box1"u8],
        TrustedSubnetSources = [IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("2001:db8::/32")],
        RateLimiter = limit is null ? null : new RateLimiter(limit),
        Time = Clock,
    });

    private static Edns With(params (ushort Code, string Hex)[] options) =>
        new(1232) { Options = [.. options.Select(option => new EdnsOption(option.Code, Convert.FromHexString(option.Hex)))] };

    private static string? Option(Message answer, ushort code) =>
        answer.Edns!.Options.Where(option => option.Code == code).Select(option => Convert.ToHexStringLower(option.Data.Span)).SingleOrDefault();

    private static Message Ask(TestNameserver server, Edns? edns, string name = "web.example.com.", string type = "A", Transport transport = Transport.Udp, IPAddress? client = null) =>
        server.Ask(name, type, edns, transport, client: ClientAddress.From(client ?? Stranger));

    private const string Fresh = "2464c4abcf10c957010000005cf79f111f8130c3eee29480";

    [Theory]
    [InlineData("RFC 7873 §5.2.3: a client that begins gets a whole cookie", "2464c4abcf10c957", Fresh, Rcode.NoError)]
    [InlineData("RFC 7873 §5.2.5: a good one", Fresh, Fresh, Rcode.NoError)]
    [InlineData("RFC 7873 §5.2.4: a bad one is as good as none, and renewed", "2464c4abcf10c957010000005cf79f110000000000000000", Fresh, Rcode.NoError)]
    [InlineData("RFC 7873 §5.2.2: shorter than a client's", "2464c4abcf10c9", null, Rcode.FormErr)]
    [InlineData("RFC 7873 §5.2.2: empty", "", Fresh, Rcode.FormErr)]
    [InlineData("RFC 7873 §5.2.2: a server's of seven bytes", "2464c4abcf10c95701000000000000", null, Rcode.FormErr)]
    [InlineData("RFC 7873 §5.2.2: a server's of eight bytes is well-formed", "2464c4abcf10c9570100000000000000", Fresh, Rcode.NoError)]
    [InlineData("RFC 7873 §5.2.2: a server's of 33 bytes", "2464c4abcf10c957010000000000000001000000000000000100000000000000010000000000000001", null, Rcode.FormErr)]
    public void Cookies(string what, string asked, string? answered, Rcode rcode)
    {
        var answer = Ask(Server(), With((EdnsOption.CookieOption, asked)));
        Assert.Equal((what, rcode), (what, answer.Rcode));
        Assert.Equal(rcode == Rcode.NoError ? answered : null, Option(answer, EdnsOption.CookieOption));
        Assert.Equal(rcode == Rcode.NoError ? 1 : 0, answer.Answer.Count);
    }

    [Theory]
    [InlineData("RFC 7873 §5.4: a question for a cookie", "2464c4abcf10c957", Rcode.NoError)]
    [InlineData("RFC 7873 §5.4: a good one", Fresh, Rcode.NoError)]
    [InlineData("RFC 7873 §5.4: a bad one", "2464c4abcf10c957010000005cf79f110000000000000000", Rcode.BadCookie)]
    public void Without_a_question(string what, string asked, Rcode rcode)
    {
        var query = new Message { Id = 0x1234, Edns = With((EdnsOption.CookieOption, asked)) };
        var raw = Server().Raw(query.ToArray(), client: ClientAddress.From(Stranger));
        var answer = TestNameserver.Read(raw);
        Assert.Equal((what, rcode, Fresh), (what, answer.Rcode, Option(answer, EdnsOption.CookieOption)));
        Assert.Empty(answer.Questions);
    }

    [Theory]
    [InlineData("RFC 9619 §4: no question and no cookie", true)]
    [InlineData("cookies are switched off", false)]
    public void Without_a_question_nor_a_cookie(string what, bool cookies)
    {
        var query = new Message { Id = 0x1234, Edns = cookies ? With() : With((EdnsOption.CookieOption, Fresh)) };
        var server = cookies ? Server() : TestNameserver.With(("example.com.", Zone));
        var answer = TestNameserver.Read(server.Raw(query.ToArray()));
        Assert.Equal((what, Rcode.FormErr), (what, answer.Rcode));
    }

    [Theory]
    [InlineData("a good cookie is answered", Fresh, Transport.Udp, "198.51.100.100", Rcode.NoError, 1, false)]
    [InlineData("RFC 7873 §5.2.3: a client that begins is sent back with a cookie", "2464c4abcf10c957", Transport.Udp, "198.51.100.100", Rcode.BadCookie, 0, false)]
    [InlineData("RFC 7873 §5.2.4: a bad one too", "2464c4abcf10c957010000005cf79f110000000000000000", Transport.Udp, "198.51.100.100", Rcode.BadCookie, 0, false)]
    [InlineData("who knows no cookies comes over TCP", "-", Transport.Udp, "198.51.100.100", Rcode.NoError, 0, true)]
    [InlineData("TCP needs none", "2464c4abcf10c957", Transport.Tcp, "198.51.100.100", Rcode.NoError, 1, false)]
    [InlineData("the LAN needs none", "-", Transport.Udp, "192.168.1.20", Rcode.NoError, 1, false)]
    public void When_cookies_are_required(string what, string asked, Transport transport, string client, Rcode rcode, int answers, bool truncated)
    {
        var edns = asked == "-" ? With() : With((EdnsOption.CookieOption, asked));
        var answer = Ask(Server(required: true), edns, transport: transport, client: IPAddress.Parse(client));
        Assert.Equal((what, rcode, answers, truncated), (what, answer.Rcode, answer.Answer.Count, answer.Flags.HasFlag(MessageFlags.Truncated)));
        Assert.Equal(asked != "-", Option(answer, EdnsOption.CookieOption) is not null);
    }

    [Theory]
    [InlineData("RFC 5001 §2.1: asked", EdnsOption.NsidOption, "", Transport.Udp, "626f7831")]
    [InlineData("RFC 7828 §3.3.2: over TCP, in units of 100 ms", EdnsOption.KeepaliveOption, "", Transport.Tcp, "0064")]
    [InlineData("RFC 7828 §3.3.2: over TLS", EdnsOption.KeepaliveOption, "", Transport.Tls, "0064")]
    [InlineData("RFC 7828 §3.3.1: never over UDP", EdnsOption.KeepaliveOption, "", Transport.Udp, null)]
    [InlineData("RFC 9250 §5.5.2: never over QUIC", EdnsOption.KeepaliveOption, "", Transport.Quic, null)]
    [InlineData("an option nobody knows", 65001, "ABCD", Transport.Tls, null)]
    public void An_option_is_answered(string what, int code, string asked, Transport transport, string? answered) =>
        Assert.Equal((what, answered), (what, Option(Ask(Server(), With(((ushort)code, asked)), transport: transport), (ushort)code)));

    [Fact]
    public void RFC_5001_2_1_not_asked_not_told()
    {
        Assert.Empty(Ask(Server(), With()).Edns!.Options);
        Assert.Null(Ask(Server(), null).Edns);
    }

    [Fact]
    public void Errors_have_the_options_too()
    {
        var answer = Ask(Server(), With((EdnsOption.CookieOption, "2464c4abcf10c957"), (EdnsOption.NsidOption, "")), name: "elsewhere.org.");
        Assert.Equal((Rcode.Refused, Fresh, "626f7831"), (answer.Rcode, Option(answer, EdnsOption.CookieOption), Option(answer, EdnsOption.NsidOption)));
    }

    [Theory]
    [InlineData("RFC 8467 §4.1: a multiple of 468", "web.example.com.", Transport.Tls, 468)]
    [InlineData("over HTTPS", "web.example.com.", Transport.Https, 468)]
    [InlineData("over QUIC", "web.example.com.", Transport.Quic, 468)]
    [InlineData("a longer one", "big.example.com.", Transport.Tls, 936)]
    [InlineData("NXDOMAIN", "nowhere.example.com.", Transport.Tls, 468)]
    [InlineData("REFUSED", "elsewhere.org.", Transport.Tls, 468)]
    [InlineData("RFC 8467 §4.1: not in the clear", "web.example.com.", Transport.Tcp, null)]
    [InlineData("nor over UDP", "web.example.com.", Transport.Udp, null)]
    public void Padding(string what, string name, Transport transport, int? expected)
    {
        foreach (var cookie in (bool[])[false, true])
        {
            var edns = cookie ? With((EdnsOption.CookieOption, "2464c4abcf10c957"), (EdnsOption.PaddingOption, "0000")) : With((EdnsOption.PaddingOption, "0000"));
            var raw = Server().Raw(TestNameserver.Query(name, name.StartsWith("big", StringComparison.Ordinal) ? "TXT" : "A", edns), transport, ClientAddress.From(Stranger));
            var answer = TestNameserver.Read(raw);
            Assert.Equal(cookie, Option(answer, EdnsOption.CookieOption) is not null);
            Assert.Equal(expected is not null, Option(answer, EdnsOption.PaddingOption) is not null);
            if (expected is not null)
            {
                Assert.Equal((what, expected), (what, raw!.Length));
                Assert.Equal(EdnsOption.PaddingOption, answer.Edns!.Options[^1].Code);
            }
        }
    }

    [Fact]
    public void RFC_7830_3_no_padding_for_who_does_not_pad() =>
        Assert.Null(Option(Ask(Server(), With(), transport: Transport.Tls), EdnsOption.PaddingOption));

    [Fact]
    public void RFC_6891_6_2_5_options_count_for_the_size_of_the_answer()
    {
        var edns = new Edns(512) { Options = With((EdnsOption.CookieOption, "2464c4abcf10c957"), (EdnsOption.NsidOption, "")).Options };
        for (var label = 1; label <= 60; label++)
        {
            // The record fits up to some length of the name, which comes sooner with the options than without.
            var text = $"\"{new string('t', 190)}\" \"{new string('u', 188)}\"";
            var server = TestNameserver.With(("example.com.", $"@ 300 SOA ns h 1 7200 900 1209600 300\n@ 300 NS ns\n{new string('x', label)} 300 TXT {text}")).Using(new NameserverOptions
            {
                Cookies = new ServerCookies([ServerCookies.NewSecret()]),
                Nsid = [.. "box1"u8],
            });
            var raw = server.Raw(TestNameserver.Query($"{new string('x', label)}.example.com.", "TXT", edns));
            var answer = TestNameserver.Read(raw);
            Assert.InRange(raw!.Length, 12, 512);
            Assert.Equal(2, answer.Edns!.Options.Length);
            Assert.Equal(label > 43, answer.Flags.HasFlag(MessageFlags.Truncated));
        }
    }

    [Theory]
    [InlineData("RFC 7871 §7.2.1: the subnet decides for a trusted resolver", "192.0.2.1", "0001 18 00 C0A801", "192.168.1.80", "0001181 8C0A801")]
    [InlineData("a longer prefix inside the view's network", "192.0.2.1", "0001 20 00 C0A80107", "192.168.1.80", "00012018C0A80107")]
    [InlineData("a prefix shorter than the view's network: the answer is for less than was asked", "192.0.2.1", "0001 10 00 C0A8", "192.0.2.80", "00011018C0A8")]
    [InlineData("another network", "192.0.2.1", "0001 18 00 C63364", "192.0.2.80", "00011806C63364")]
    [InlineData("IPv6", "192.0.2.1", "0002 38 00 20010DB8000900", "192.168.1.80", "0002383020010DB8000900")]
    [InlineData("the resolver comes over IPv6", "2001:db8::7", "0001 18 00 C0A801", "192.168.1.80", "00011818C0A801")]
    [InlineData("RFC 7871 §7.1.2: /0 keeps the client to itself", "192.0.2.1", "0001 00 00", "192.0.2.80", "00010000")]
    [InlineData("a stranger is not believed and gets no answer to it", "198.51.100.7", "0001 18 00 C0A801", "192.0.2.80", null)]
    [InlineData("nor is a stranger told that it is malformed", "198.51.100.7", "0001 21 00 C0A801", "192.0.2.80", null)]
    public void Client_subnet(string what, string resolver, string asked, string address, string? answered)
    {
        var server = SplitServer();
        var answer = Ask(server, With((EdnsOption.ClientSubnetOption, asked.Replace(" ", ""))), client: IPAddress.Parse(resolver));
        Assert.Equal((what, RData.Address(IPAddress.Parse(address))), (what, answer.Answer.Single().Data));
        Assert.Equal((what, answered?.Replace(" ", "").ToLowerInvariant()), (what, Option(answer, EdnsOption.ClientSubnetOption)));
    }

    [Theory]
    [InlineData("a family nobody knows", "0003 18 00 C0A801")]
    [InlineData("RFC 7871 §6: a scope in a query", "0001 18 18 C0A801")]
    [InlineData("RFC 7871 §6: bits behind the prefix", "0001 17 00 C0A801")]
    [InlineData("a prefix longer than an address", "0001 21 00 C0A8010101")]
    [InlineData("an address shorter than the prefix", "0001 18 00 C0A8")]
    [InlineData("an address longer than the prefix", "0001 18 00 C0A80100")]
    [InlineData("cut short", "0001 18")]
    public void A_malformed_client_subnet_of_a_trusted_resolver(string what, string asked) =>
        Assert.Equal((what, Rcode.FormErr), (what, Ask(SplitServer(), With((EdnsOption.ClientSubnetOption, asked.Replace(" ", ""))), client: IPAddress.Parse("192.0.2.1")).Rcode));

    private static TestNameserver SplitServer()
    {
        var server = TestNameserver.WithViews(
            ("example.com.", Zone.Replace("192.0.2.80", "192.168.1.80")), ("example.com.", Zone)).Using(new NameserverOptions
            {
                TrustedSubnetSources = [IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("2001:db8::/32")],
            });
        server.Views = new ViewSet([View.Declare("lan", [IPNetwork.Parse("192.168.1.0/24"), IPNetwork.Parse("2001:db8:9::/48")]), View.Declare("public", [])]);
        return server;
    }
}

using System.Net;
using Edge.Dns.Nameserver;
using Edge.Dns.Wire;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>Who is banned gets no answer, and who is refused is told of only where its address is proved.</summary>
public sealed class BanTests
{
    private const string Zone = """
        @    300 SOA ns hostmaster 1 7200 900 1209600 300
        @    300 NS  ns
        ns   300 A   192.0.2.53
        web  300 A   192.0.2.80
        """;

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly List<ClientAddress> _refused = [];
    private BanSet _bans = BanSet.None;

    [Theory]
    [InlineData("198.51.100.7/32", "198.51.100.7", true)]
    [InlineData("198.51.100.7/32", "::ffff:198.51.100.7", true)]
    [InlineData("198.51.100.7/32", "198.51.100.8", false)]
    [InlineData("198.51.100.0/24", "198.51.100.255", true)]
    [InlineData("198.51.100.0/24", "198.51.101.0", false)]
    [InlineData("2001:db8:1:2::/64", "2001:db8:1:2:ffff::1", true)]
    [InlineData("2001:db8:1:2::/64", "2001:db8:1:3::1", false)]
    [InlineData("0.0.0.0/0", "203.0.113.1", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    public void A_network_holds_its_addresses(string network, string client, bool expected)
    {
        var bans = new BanSet([(IPNetwork.Parse(network), _time.GetUtcNow().AddMinutes(1)), (IPNetwork.Parse("192.0.2.0/25"), _time.GetUtcNow().AddMinutes(1))], _time);

        Assert.Equal(expected, bans.Contains(ClientAddress.From(IPAddress.Parse(client))));
    }

    [Fact]
    public void A_ban_ends_by_itself_and_of_two_the_later_end_counts()
    {
        var network = IPNetwork.Parse("198.51.100.7/32");
        var bans = new BanSet([(network, _time.GetUtcNow().AddMinutes(2)), (network, _time.GetUtcNow().AddMinutes(1))], _time);

        _time.Advance(TimeSpan.FromSeconds(119));
        Assert.True(bans.Contains(TestNameserver.PublicClient));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(bans.Contains(TestNameserver.PublicClient));
        Assert.True(BanSet.None.IsEmpty);
    }

    [Theory]
    [InlineData("198.51.100.7", false)]
    [InlineData("::ffff:198.51.100.7", false)]
    [InlineData("198.51.100.8", true)]
    [InlineData("2001:db8:1:2::7", false)]
    [InlineData("2001:db8:1:3::7", true)]
    public void Who_is_spared_is_not_banned_with_the_network_around(string client, bool expected)
    {
        var end = _time.GetUtcNow().AddMinutes(1);
        var bans = new BanSet([(IPNetwork.Parse("198.51.100.0/24"), end), (IPNetwork.Parse("2001:db8:1::/48"), end)], _time, [IPNetwork.Parse("198.51.100.7/32"), IPNetwork.Parse("2001:db8:1:2::/64")]);

        Assert.Equal(expected, bans.Contains(ClientAddress.From(IPAddress.Parse(client))));
    }

    [Fact]
    public void The_LAN_is_answered_whatever_network_around_it_is_banned()
    {
        _bans = new BanSet([(IPNetwork.Parse("0.0.0.0/0"), _time.GetUtcNow().AddMinutes(1))], _time);
        var processor = Processor();
        var query = TestNameserver.Query("web.example.com.", "A");
        var answer = new byte[1232];
        var context = new QueryContext(TestNameserver.LanClient, Transport.Udp);

        Assert.Equal(QueryOutcome.Answered, processor.Process(query, context, answer, out _));
        Assert.Equal(0, Allocated.By(() => processor.Process(query, context, answer, out _)));
        Assert.Equal(QueryOutcome.Dropped, processor.Process(query, new QueryContext(TestNameserver.PublicClient, Transport.Udp), answer, out _));
    }

    [Theory]
    [InlineData(Transport.Udp)]
    [InlineData(Transport.Tcp)]
    [InlineData(Transport.Tls)]
    [InlineData(Transport.Https)]
    public void Who_is_banned_gets_no_answer_also_not_one_that_is_remembered(Transport transport)
    {
        var processor = Processor();
        var query = TestNameserver.Query("web.example.com.", "A");
        Assert.Equal(QueryOutcome.Answered, Ask(processor, query, transport));

        _bans = new BanSet([(IPNetwork.Parse("198.51.100.0/24"), _time.GetUtcNow().AddMinutes(1))], _time);
        Assert.Equal(QueryOutcome.Dropped, Ask(processor, query, transport));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(QueryOutcome.Answered, Ask(processor, query, transport));
    }

    [Theory]
    [InlineData(Transport.Udp, "www.elsewhere.org.", 0)]
    [InlineData(Transport.Tcp, "www.elsewhere.org.", 1)]
    [InlineData(Transport.Tls, "www.elsewhere.org.", 1)]
    [InlineData(Transport.Tcp, "web.example.com.", 0)]
    public void A_refusal_counts_only_over_a_connection(Transport transport, string name, int expected)
    {
        Ask(Processor(), TestNameserver.Query(name, "A"), transport);

        Assert.Equal(Enumerable.Repeat(TestNameserver.PublicClient, expected), _refused);
    }

    [Fact]
    public void A_query_beside_a_hundred_thousand_bans_allocates_nothing()
    {
        _bans = new BanSet(Enumerable.Range(0, 100_000).Select(i => (new IPNetwork(new IPAddress([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i]), 32), _time.GetUtcNow().AddDays(1))), _time);
        var processor = Processor();
        var query = TestNameserver.Query("web.example.com.", "A");
        var answer = new byte[1232];
        var context = new QueryContext(TestNameserver.PublicClient, Transport.Udp);
        processor.Process(query, context, answer, out _);

        Assert.Equal(0, Allocated.By(() => processor.Process(query, context, answer, out _)));
    }

    private QueryProcessor Processor()
    {
        var server = TestNameserver.With(("example.com.", Zone));
        return new QueryProcessor(() => server.Zones, () => server.Views, null) { Bans = () => _bans, Refused = _refused.Add };
    }

    private static QueryOutcome Ask(QueryProcessor processor, byte[] query, Transport transport)
    {
        var context = new QueryContext(TestNameserver.PublicClient, transport);
        if (transport != Transport.Udp)
        {
            return processor.Process(query, context, new byte[Message.MaxLength], out _);
        }

        // Twice, so that the second comes from memory.
        var (known, recorder) = (default(KnownClient), processor.NewRecorder());
        processor.Remembered.Renew(recorder);
        var outcome = QueryOutcome.Dropped;
        for (var i = 0; i < 2; i++)
        {
            outcome = processor.Remembered.Process(processor.Remembered.Anticipate(query), query, context, ref known, recorder, new byte[1232], out _);
        }

        return outcome;
    }
}

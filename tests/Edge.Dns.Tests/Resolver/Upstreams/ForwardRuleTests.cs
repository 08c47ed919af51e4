using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Wire;
using Xunit;
using static Edge.Dns.Tests.Resolver.ForwarderClient;

namespace Edge.Dns.Tests.Resolver.Upstreams;

/// <summary>Zones whose names are asked of servers of their own.</summary>
public sealed class ForwardRuleTests : IDisposable
{
    private readonly FakeUpstream _usual = Saying("A 198.51.100.1");
    private readonly FakeUpstream _corp = Saying("A 10.0.0.1");
    private readonly FakeUpstream _lab = Saying("A 10.0.0.2");

    public void Dispose()
    {
        _usual.Dispose();
        _corp.Dispose();
        _lab.Dispose();
    }

    [Theory]
    [InlineData("www.example.org", "198.51.100.1")]
    [InlineData("corp.example", "10.0.0.1")]
    [InlineData("www.CORP.example", "10.0.0.1")]
    [InlineData("a.b.corp.example", "10.0.0.1")]
    [InlineData("notcorp.example", "198.51.100.1")]
    [InlineData("lab.corp.example", "10.0.0.2")]
    [InlineData("x.lab.corp.example", "10.0.0.2")]
    [InlineData("example", "198.51.100.1")]
    public async Task The_most_specific_zone_counts_and_may_have_private_addresses(string name, string address)
    {
        using var forwarder = new Forwarder(Settings(("corp.example", _corp), ("lab.corp.example", _lab)));
        Assert.Equal([address], (await forwarder.Ask(name)).Answer.Text().Select(line => line.Split(' ')[3]));
    }

    [Fact]
    public async Task A_zone_may_be_a_special_name_or_a_part_of_one()
    {
        using var ptr = Saying("PTR nas.lan");
        using var forwarder = new Forwarder(Settings(("168.192.in-addr.arpa", ptr), ("5.10.in-addr.arpa", ptr), ("local", _corp)));
        Assert.Equal(Rcode.NoError, (await forwarder.Ask("1.1.168.192.in-addr.arpa", RecordType.PTR)).Rcode);
        Assert.Equal(Rcode.NoError, (await forwarder.Ask("1.1.5.10.in-addr.arpa", RecordType.PTR)).Rcode);
        Assert.Equal(Rcode.NoError, (await forwarder.Ask("printer.local")).Rcode);
        Assert.Equal(3, ptr.UdpCount + _corp.UdpCount);
        Assert.Equal(Rcode.NxDomain, (await forwarder.Ask("1.1.6.10.in-addr.arpa", RecordType.PTR)).Rcode);
        Assert.Equal(0, _usual.UdpCount);
    }

    [Fact]
    public async Task When_the_servers_of_a_zone_are_away_nobody_else_is_asked_about_it()
    {
        _corp.Answer = static query => FakeUpstream.Reply(query, [], rcode: Rcode.Refused);
        using var forwarder = new Forwarder(Settings(("corp.example", _corp)));
        Assert.Equal(Rcode.ServFail, (await forwarder.Ask("www.corp.example")).Rcode);
        Assert.Equal(0, _usual.UdpCount);
    }

    [Fact]
    public async Task A_server_that_knows_its_zone_serves_it_while_it_is_dead_for_everything_else()
    {
        using var router = new FakeUpstream(query => query.Questions[0].Name.IsAtOrBelow(Name.Parse("corp.example")) ? FakeUpstream.Reply(query, [$"{query.Questions[0].Name} 0 A 10.0.0.1"]) : null);
        using var forwarder = new Forwarder(Options(router.EndPoint) with { Forward = [new ForwardRule(Name.Parse("corp.example"), [router.EndPoint])] });
        for (var i = 0; !forwarder.Stats.Upstreams[0].IsDown; i++)
        {
            Assert.True(i < 100, "never down");
            Assert.Equal(Rcode.ServFail, (await forwarder.Ask($"n{i}.example.org")).Rcode);
        }

        Assert.Equal(["10.0.0.1"], (await forwarder.Ask("www.corp.example")).Answer.Text().Select(line => line.Split(' ')[3]));
        Assert.Equal([true, false], forwarder.Stats.Upstreams.Select(upstream => upstream.IsDown));
    }

    [Fact]
    public async Task A_rule_that_comes_or_goes_takes_the_old_answers_with_it()
    {
        using var forwarder = new Forwarder(Settings());
        Assert.Equal("198.51.100.1", await Address("www.corp.example"));
        Assert.Equal("198.51.100.1", await Address("www.example.org"));
        forwarder.Configure(Settings(("corp.example", _corp)));
        Assert.Equal("10.0.0.1", await Address("www.corp.example"));
        Assert.True(forwarder.TryCache("www.example.org", RecordType.A, out _));
        forwarder.Configure(Settings(("corp.example", _lab)));
        Assert.Equal("10.0.0.2", await Address("www.corp.example"));
        forwarder.Configure(Settings());
        Assert.Equal("198.51.100.1", await Address("www.corp.example"));

        async Task<string> Address(string name) => (await forwarder.Ask(name)).Answer.Text()[0].Split(' ')[3];
    }

    private static FakeUpstream Saying(string record) => new(query => FakeUpstream.Reply(query, [$"{query.Questions[0].Name} 300 {record}"]));

    private ForwarderOptions Settings(params (string Zone, FakeUpstream Upstream)[] rules) => Options(_usual.EndPoint) with
    {
        Forward = [.. rules.Select(rule => new ForwardRule(Name.Parse(rule.Zone), [rule.Upstream.EndPoint]))],
    };
}

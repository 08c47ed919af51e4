using System.Net;
using Edge.Dns.Nameserver;
using Edge.Dns.Resolver;
using Edge.Dns.Tests.Resolver;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>Below a delegation in a zone of ours the house gets answers, and the world the referral.</summary>
public sealed class OwnDelegationAnswerTests : IDisposable
{
    private const string Home = "$ORIGIN home.arpa.\n$TTL 300\n@ SOA ns root 1 7200 900 1209600 300\n@ NS ns\nns A 192.0.2.53\nlab NS ns.lab\nns.lab A 127.0.0.1\nalias CNAME www.lab\n";
    private const string Example = "$ORIGIN example.com.\n$TTL 300\n@ SOA ns root 1 7200 900 1209600 300\n@ NS ns\nns A 192.0.2.53\nlab NS ns.lab\nns.lab A 127.0.0.1\nalias CNAME www.lab\n";

    private readonly FakeUpstream _upstream = new(query => FakeUpstream.Reply(query, [$"{query.Questions[0].Name} 300 A 203.0.113.9"]));
    private readonly FakeUpstream _lab = new(Answer);
    private readonly Forwarder _forwarder;
    private readonly QueryProcessor _processor;

    public OwnDelegationAnswerTests()
    {
        var views = new ViewSet([View.Declare("lan", [IPNetwork.Parse("192.168.1.0/24")]), View.Declare("public", [])]);
        Zone[] all = [TestNameserver.ZoneOf("home.arpa.", Home), TestNameserver.ZoneOf("example.com.", Example)];
        var zones = new ZoneSet(["lan", "public"], [[.. all], [.. all]]);
        var options = ForwarderClient.Options(_upstream.EndPoint);
        _forwarder = new Forwarder(options with
        {
            Delegations = new OwnDelegations(() => zones, view => view == "lan"),
            Delegated = options.Delegated with { Port = _lab.EndPoint.Port, UseIPv6 = false },
            IsOurs = name => zones.Find(0, name.Wire) is not null,
        });
        _processor = new QueryProcessor(() => zones, () => views, _forwarder);
    }

    public void Dispose()
    {
        _forwarder.Dispose();
        _upstream.Dispose();
        _lab.Dispose();
    }

    [Theory]
    [InlineData("www.lab.example.com.", "www.lab.example.com. A 10.1.1.1")]
    [InlineData("alias.example.com.", "alias.example.com. CNAME, www.lab.example.com. A 10.1.1.1")]
    [InlineData("up.lab.example.com.", "up.lab.example.com. CNAME, ns.example.com. A 192.0.2.53")]
    [InlineData("next.lab.example.com.", "next.lab.example.com. CNAME, www.lab.example.com. A 10.1.1.1")]
    // A special name, for which nobody outside would be asked.
    [InlineData("www.lab.home.arpa.", "www.lab.home.arpa. A 10.1.1.1")]
    public async Task A_client_of_the_house_gets_the_answer_and_the_second_time_from_the_cache(string name, string expected)
    {
        Assert.Equal(expected, Text(await AskAsync(name, TestNameserver.LanClient)));
        var asked = _lab.UdpCount;
        Assert.Equal(expected, Text(await AskAsync(name, TestNameserver.LanClient)));
        Assert.True(_lab.UdpCount <= asked + (name.StartsWith("up", StringComparison.Ordinal) ? 1 : 0), "it was asked once more");
        Assert.Equal(0, _upstream.UdpCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_world_gets_the_referral(bool recursionDesired)
    {
        var answer = await AskAsync("www.lab.example.com.", TestNameserver.PublicClient, recursionDesired);
        Assert.Equal((Rcode.NoError, 0), (answer.Rcode, answer.Answer.Count));
        Assert.Equal("lab.example.com.", Assert.Single(answer.Authority).Owner.ToString());
        Assert.Equal(0, _lab.UdpCount);
    }

    [Fact]
    public async Task Who_does_not_desire_recursion_gets_the_referral_too()
    {
        var answer = await AskAsync("www.lab.example.com.", TestNameserver.LanClient, recursionDesired: false);
        Assert.Empty(answer.Answer);
        Assert.Equal("lab.example.com.", Assert.Single(answer.Authority).Owner.ToString());
    }

    [Fact]
    public void The_way_is_told()
    {
        var route = _forwarder.RouteOf(Name.Parse("www.lab.example.com"));
        Assert.Equal(("example.com.", "lab.example.com."), (route.Delegation?.Zone.ToString(), route.Delegation?.Cut.ToString()));
        Assert.Null(_forwarder.RouteOf(Name.Parse("www.example.net")).Delegation);
    }

    private static Message Answer(Message query)
    {
        var name = query.Questions[0].Name.ToString().ToLowerInvariant();
        var zone = name.EndsWith("home.arpa.", StringComparison.Ordinal) ? "lab.home.arpa." : "lab.example.com.";
        string[] said = name switch
        {
            "up.lab.example.com." => [$"{name} 300 CNAME ns.example.com."],
            "next.lab.example.com." => [$"{name} 300 CNAME www.lab.example.com.", "www.lab.example.com. 300 A 10.1.1.1"],
            _ when name.StartsWith("www.", StringComparison.Ordinal) => [$"{name} 300 A 10.1.1.1"],
            _ => [],
        };
        var reply = FakeUpstream.Reply(query, said, said.Length == 0 ? [$"{zone} 300 SOA 60"] : null);
        reply.Flags |= MessageFlags.Authoritative;
        return reply;
    }

    private static string Text(Message answer) =>
        string.Join(", ", answer.Answer.Select(record => $"{record.Owner} {record.Type}{(record.Type == RecordType.A ? " " + new IPAddress(record.Data.Wire) : "")}"));

    private async Task<Message> AskAsync(string name, ClientAddress client, bool recursionDesired = true)
    {
        var query = TestNameserver.Query(name, "A", new Edns(1232), recursionDesired ? MessageFlags.RecursionDesired : MessageFlags.None);
        var context = new QueryContext(client, Transport.Udp);
        var answer = new byte[1232];
        if (_processor.Process(query, context, answer, out var length) == QueryOutcome.Answered)
        {
            return TestNameserver.Read(answer[..length]);
        }

        var sink = new CollectingSink();
        await _processor.CompleteAsync(query, context, sink, TestContext.Current.CancellationToken);
        return TestNameserver.Read(sink.Messages.Single());
    }
}

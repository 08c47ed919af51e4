using System.Net;
using Edge.Dns.Nameserver;
using Edge.Dns.Resolver;
using Edge.Dns.Tests.Resolver;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>A name outside that stands for one of ours is answered as ours is, in the client's own view.</summary>
public sealed class HomewardAliasTests : IDisposable
{
    private const string Inside = "$ORIGIN example.com.\n$TTL 300\n@ SOA ns hostmaster 1 7200 900 1209600 300\n@ NS ns\nns A 192.0.2.53\nnas A 192.168.1.10\nback CNAME www.elsewhere.org.\n";

    private readonly FakeUpstream _upstream = new(query => FakeUpstream.Reply(query, Said(query.Questions[0].Name.ToString().ToLowerInvariant())));
    private readonly Forwarder _forwarder;
    private readonly QueryProcessor _processor;

    public HomewardAliasTests()
    {
        _forwarder = new Forwarder(ForwarderClient.Options(_upstream.EndPoint));
        var views = new ViewSet([View.Declare("lan", [IPNetwork.Parse("192.168.1.0/24")]), View.Declare("public", [])]);
        var zones = new ZoneSet(["lan", "public"], [[TestNameserver.ZoneOf("example.com.", Inside)], []]);
        _processor = new QueryProcessor(() => zones, () => views, _forwarder);
    }

    public void Dispose()
    {
        _forwarder.Dispose();
        _upstream.Dispose();
    }

    [Theory]
    [InlineData("alias.elsewhere.org.", "NoError", "alias.elsewhere.org. CNAME, nas.example.com. A 192.168.1.10")]
    [InlineData("far.elsewhere.org.", "NoError", "far.elsewhere.org. CNAME, alias.elsewhere.org. CNAME, nas.example.com. A 192.168.1.10")]
    [InlineData("lost.elsewhere.org.", "NxDomain", "lost.elsewhere.org. CNAME")]
    [InlineData("round.elsewhere.org.", "NoError", "round.elsewhere.org. CNAME, back.example.com. CNAME, www.elsewhere.org. A 192.0.2.7")]
    [InlineData("www.elsewhere.org.", "NoError", "www.elsewhere.org. A 192.0.2.7")]
    public async Task Asked_and_asked_again(string name, string rcode, string expected)
    {
        for (var i = 0; i < 3; i++)
        {
            var answer = await AskAsync(name);
            Assert.Equal(rcode, answer.Rcode.ToString());
            Assert.Equal(expected, string.Join(", ", answer.Answer.Select(record => $"{record.Owner} {record.Type}{(record.Type == RecordType.A ? " " + new IPAddress(record.Data.Wire) : "")}")));
        }
    }

    private static string[] Said(string name) => name switch
    {
        // What the world sees of the name is not what the house sees.
        "alias.elsewhere.org." => ["alias.elsewhere.org. 300 CNAME nas.example.com.", "nas.example.com. 300 A 203.0.113.1"],
        "far.elsewhere.org." => ["far.elsewhere.org. 300 CNAME alias.elsewhere.org.", "alias.elsewhere.org. 300 CNAME nas.example.com.", "nas.example.com. 300 A 203.0.113.1"],
        "lost.elsewhere.org." => ["lost.elsewhere.org. 300 CNAME nothing.example.com.", "nothing.example.com. 300 A 203.0.113.1"],
        "round.elsewhere.org." => ["round.elsewhere.org. 300 CNAME back.example.com.", "back.example.com. 300 A 203.0.113.1"],
        _ => [$"{name} 300 A 192.0.2.7"],
    };

    private async Task<Message> AskAsync(string name)
    {
        var query = TestNameserver.Query(name, "A", new Edns(1232), MessageFlags.RecursionDesired);
        var context = new QueryContext(TestNameserver.LanClient, Transport.Udp);
        var answer = new byte[1232];
        var outcome = _processor.Process(query, context, answer, out var length);
        length = outcome == QueryOutcome.Deferred ? await _processor.ResolveAsync(query, context, answer, TestContext.Current.CancellationToken) : length;
        return TestNameserver.Read(answer[..length]);
    }
}

using System.Net;
using Edge.Dns.Nameserver;
using Edge.Dns.Resolver;
using Edge.Dns.Tests.Resolver;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>Names declared here stand among names of the world: theirs is every type, what is beside them is the world's, and what the resolver knows of the world does not reach them.</summary>
public sealed class NamesBesideTheWorldTests : IDisposable
{
    private const string Apex = "@ 300 SOA ns.example.com. hostmaster.example.com. 1 7200 900 1209600 300\n@ 300 NS ns.example.com.\n";

    private readonly FakeUpstream _upstream = new(query => query.Questions[0].Name.IsAtOrBelow(Name.Parse("void.example.org"))
        ? FakeUpstream.Reply(query, [], ["example.org 900 SOA 900"], Rcode.NxDomain)
        : FakeUpstream.Reply(query, [query.Questions[0].Type switch
        {
            RecordType.AAAA => $"{query.Questions[0].Name} 300 AAAA 2001:db8::7",
            RecordType.TXT => $"{query.Questions[0].Name} 300 TXT world",
            RecordType.HTTPS => $"{query.Questions[0].Name} 300 HTTPS 203.0.113.7",
            RecordType.PTR => $"{query.Questions[0].Name} 300 PTR world.example",
            _ => $"{query.Questions[0].Name} 300 A 203.0.113.7",
        }]));

    private readonly Forwarder _forwarder;
    private readonly QueryProcessor _processor;

    public NamesBesideTheWorldTests()
    {
        _forwarder = new Forwarder(ForwarderClient.Options(_upstream.EndPoint) with
        {
            Forward = [new(Name.Parse("corp.example"), [_upstream.EndPoint])],
        });
        var views = new ViewSet([View.Declare("lan", [IPNetwork.Parse("192.168.1.0/24")]), View.Declare("public", [])]);
        var zones = new ZoneSet(["lan", "public"],
        [
            [
                TestNameserver.ZoneOf("nas.example.org.", Apex + "@ 300 A 192.168.1.10"),
                TestNameserver.ZoneOf("in.void.example.org.", Apex + "@ 300 A 192.168.1.11"),
                TestNameserver.ZoneOf("168.192.in-addr.arpa.", Apex + "10.1 300 PTR nas.example.org."),
            ],
            [TestNameserver.ZoneOf("example.com.", Apex + "ns 300 A 203.0.113.53\nout 300 CNAME www.example.org.")],
        ]);
        _processor = new QueryProcessor(() => zones, () => views, _forwarder);
    }

    public void Dispose()
    {
        _forwarder.Dispose();
        _upstream.Dispose();
    }

    [Theory]
    [InlineData("what is declared is answered", "nas.example.org.", "A", Rcode.NoError, "192.168.1.10")]
    [InlineData("other types of it are ours as well", "nas.example.org.", "AAAA", Rcode.NoError, "")]
    [InlineData("HTTPS too, whose hints would lead outside", "nas.example.org.", "HTTPS", Rcode.NoError, "")]
    [InlineData("and TXT", "nas.example.org.", "TXT", Rcode.NoError, "")]
    [InlineData("and what is below it", "x.nas.example.org.", "A", Rcode.NxDomain, "")]
    [InlineData("what is beside it is the world's", "www.example.org.", "A", Rcode.NoError, "203.0.113.7")]
    [InlineData("what is above it as well", "example.org.", "A", Rcode.NoError, "203.0.113.7")]
    [InlineData("RFC 8020 §2: what does not exist outside has nothing below it", "other.void.example.org.", "A", Rcode.NxDomain, "")]
    [InlineData("but what is declared there", "in.void.example.org.", "A", Rcode.NoError, "192.168.1.11")]
    [InlineData("with all its types", "in.void.example.org.", "TXT", Rcode.NoError, "")]
    [InlineData("RFC 6303 §3: a zone of ones own takes the place of the empty one", "10.1.168.192.in-addr.arpa.", "PTR", Rcode.NoError, "nas.example.org.")]
    [InlineData("and says what is not in it", "11.1.168.192.in-addr.arpa.", "PTR", Rcode.NxDomain, "")]
    [InlineData("the others stay empty", "1.2.16.172.in-addr.arpa.", "PTR", Rcode.NxDomain, "")]
    public async Task In_the_LAN(string rule, string name, string type, Rcode rcode, string data)
    {
        // The resolver knows of the world that void.example.org is not there, and that nas.example.org has other data.
        await _forwarder.Ask("void.example.org");
        await _forwarder.Ask("nas.example.org", RecordType.AAAA);
        for (var i = 0; i < 3; i++)
        {
            var answer = await AskAsync(name, type);
            Assert.Equal((rule, rcode, data), (rule, answer.Rcode, string.Join(' ', answer.Answer.Text().Select(line => line.Split(' ')[3]))));
        }
    }

    [Theory]
    [InlineData("nas.example.org.", Rcode.NoError, null)]
    [InlineData("in.void.example.org.", Rcode.NoError, null)]
    [InlineData("www.example.org.", Rcode.ServFail, ExtendedErrorCode.NetworkError)]
    public async Task With_the_world_away(string name, Rcode rcode, ExtendedErrorCode? code)
    {
        _upstream.Dispose();
        for (var i = 0; i < 3; i++)
        {
            var answer = await AskAsync(name, "A");
            Assert.Equal((rcode, code), (answer.Rcode, answer.ExtendedError()?.Code));
        }
    }

    // Zones with servers of their own, special names and what is cached: nothing of it is for those who may not recurse.
    [Theory]
    [InlineData("www.example.org.", "A")]
    [InlineData("void.example.org.", "A")]
    [InlineData("www.corp.example.", "A")]
    [InlineData("localhost.", "A")]
    [InlineData("ipv4only.arpa.", "A")]
    [InlineData("_dns.resolver.arpa.", "SVCB")]
    [InlineData("1.1.168.192.in-addr.arpa.", "PTR")]
    [InlineData("use-application-dns.net.", "A")]
    public async Task Strangers_get_nothing_of_the_resolver(string name, string type)
    {
        Assert.NotEqual(Rcode.Refused, (await AskAsync(name, type)).Rcode);
        var asked = _upstream.UdpCount;
        foreach (var transport in Enum.GetValues<Transport>())
        {
            foreach (var flags in new[] { MessageFlags.RecursionDesired, MessageFlags.None })
            {
                var answer = await AskAsync(name, type, "198.51.100.7", transport, flags);
                Assert.Equal((Rcode.Refused, 0, 0), (answer.Rcode, answer.Answer.Count, answer.Authority.Count));
                Assert.False(answer.Flags.HasFlag(MessageFlags.RecursionAvailable));
            }
        }

        Assert.Equal(asked, _upstream.UdpCount);
    }

    [Fact]
    public async Task An_alias_of_ours_that_leads_outside_ends_there_for_strangers()
    {
        Assert.Single((await AskAsync("www.example.org.", "A")).Answer);
        var answer = await AskAsync("out.example.com.", "A", "198.51.100.7");
        Assert.Equal([RecordType.CNAME], answer.Answer.Select(record => record.Type));
        Assert.False(answer.Flags.HasFlag(MessageFlags.RecursionAvailable));
    }

    private async Task<Message> AskAsync(
        string name, string type, string client = "192.168.1.20", Transport transport = Transport.Udp, MessageFlags flags = MessageFlags.RecursionDesired)
    {
        var query = TestNameserver.Query(name, type, new Edns(1232), flags);
        var context = new QueryContext(ClientAddress.From(IPAddress.Parse(client)), transport);
        var answer = new byte[Message.MaxLength];
        var outcome = _processor.Process(query, context, answer, out var length);
        length = outcome == QueryOutcome.Deferred ? await _processor.ResolveAsync(query, context, answer, TestContext.Current.CancellationToken) : length;
        return TestNameserver.Read(answer[..length]);
    }
}

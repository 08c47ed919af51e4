using System.Net;
using Edge.Dns.Filtering;
using Edge.Dns.Nameserver;
using Edge.Dns.Queries;
using Edge.Dns.Resolver;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Dns.Tests.Queries;

/// <summary>A nameserver in memory that records its queries, with a clock that stands still.</summary>
internal sealed class RecordedServer
{
    public const string Zone = """
        $ORIGIN example.com.
        $TTL 300
        @     SOA   ns hostmaster 1 7200 900 1209600 300
        @     NS    ns
        ns    A     192.0.2.53
        web   A     192.0.2.80
        web   AAAA  2001:db8::80
        many  A     192.0.2.1
        many  A     192.0.2.2
        many  A     192.0.2.3
        many  A     192.0.2.4
        many  A     192.0.2.5
        """;

    public RecordedServer(QueryLogOptions? options = null, IRecursor? recursor = null, NameserverOptions? answering = null, ILogger? logger = null, FilterPolicy? filter = null)
    {
        var server = TestNameserver.With(recursor, ("example.com.", Zone));
        Log = new QueryLog(options ?? new QueryLogOptions(), view => server.Views[view].Name, TransportKinds.Names, Time, logger ?? NullLogger.Instance);
        Processor = new QueryProcessor(() => server.Zones, () => server.Views, recursor, server.Exchanges, answering) { Queries = Log, Filter = () => filter ?? FilterPolicy.None };
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));

    public QueryLog Log { get; }

    public QueryProcessor Processor { get; }

    public void Ask(string name, string type = "A", string client = "192.168.1.20", Transport transport = Transport.Udp, Edns? edns = null, MessageFlags flags = MessageFlags.None) =>
        Ask(TestNameserver.Query(name, type, edns, flags), client, transport);

    public QueryOutcome Ask(byte[] query, string client = "192.168.1.20", Transport transport = Transport.Udp) =>
        Processor.Process(query, ContextOf(client, transport), new byte[Message.MaxLength], out _);

    public static QueryContext ContextOf(string client, Transport transport = Transport.Udp) => new(ClientAddress.From(IPAddress.Parse(client)), transport);

    /// <summary>The only query that was recorded.</summary>
    public RecordedQuery Single() => Xunit.Assert.Single(Log.Find(new QueryFilter()));
}

using System.Collections.Immutable;
using System.Net;
using System.Text;
using Edge.Dns.Nameserver;
using Edge.Dns.Resolver;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>A nameserver in memory: zones as text in, messages in and out. Whatever it answers must also be readable for ARSoft.Tools.Net.</summary>
internal sealed class TestNameserver
{
    public static readonly ClientAddress PublicClient = ClientAddress.From(IPAddress.Parse("198.51.100.7"));
    public static readonly ClientAddress LanClient = ClientAddress.From(IPAddress.Parse("192.168.1.20"));

    private readonly IRecursor? _recursor;

    private TestNameserver(ImmutableArray<Zone> lan, ImmutableArray<Zone> @public, IRecursor? recursor)
    {
        Views = new ViewSet([View.Declare("lan", [IPNetwork.Parse("192.168.1.0/24")]), View.Declare("public", [])]);
        Zones = new ZoneSet(["lan", "public"], [lan, @public]);
        Exchanges = new ExchangeDesk(() => Keys, Time, NullLogger.Instance);
        _recursor = recursor;
        Processor = new QueryProcessor(() => Zones, () => Views, recursor, Exchanges);
    }

    public ViewSet Views { get; set; }

    public ZoneSet? Zones { get; set; }

    public RequestKeySet Keys { get; set; } = RequestKeySet.Empty;

    /// <summary>The clock that signatures are compared with.</summary>
    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    public ExchangeDesk Exchanges { get; }

    public QueryProcessor Processor { get; private set; }

    /// <summary>The same server with other options.</summary>
    public TestNameserver Using(NameserverOptions options)
    {
        Processor = new QueryProcessor(() => Zones, () => Views, _recursor, Exchanges, options);
        return this;
    }

    /// <summary>The same zones in both views.</summary>
    public static TestNameserver With(params (string Origin, string Text)[] zones) => With(null, zones);

    public static TestNameserver With(IRecursor? recursor, params (string Origin, string Text)[] zones)
    {
        ImmutableArray<Zone> built = [.. zones.Select(zone => ZoneOf(zone.Origin, zone.Text))];
        return new TestNameserver(built, built, recursor);
    }

    public static TestNameserver WithViews((string Origin, string Text) lan, (string Origin, string Text) @public) =>
        new([ZoneOf(lan.Origin, lan.Text)], [ZoneOf(@public.Origin, @public.Text)], null);

    public static Zone ZoneOf(string origin, string text)
    {
        var result = ZoneFileParser.Parse("test.zone", Encoding.UTF8.GetBytes(text), Name.Parse(origin));
        Assert.Empty(result.Problems);
        return Zone.Build(Name.Parse(origin), result.Records);
    }

    public static byte[] Query(string name, string type, Edns? edns = null, MessageFlags flags = MessageFlags.None)
    {
        Assert.True(RecordText.TryParseType(type, out var number), type);
        var message = new Message { Id = 0x1234, Flags = flags, Edns = edns };
        message.Questions.Add(new Question(Name.Parse(name), number));
        return message.ToArray();
    }

    /// <summary>The answer; null when the query is dropped or deferred.</summary>
    public byte[]? Raw(ReadOnlySpan<byte> query, Transport transport = Transport.Udp, ClientAddress? client = null)
    {
        var answer = new byte[transport == Transport.Udp ? Edns.SafePayloadSize : Message.MaxLength];
        var outcome = Processor.Process(query, new QueryContext(client ?? PublicClient, transport), answer, out var length);
        return outcome == QueryOutcome.Answered ? answer[..length] : null;
    }

    /// <summary>All answers to a query that may take longer than the fast path has.</summary>
    public async Task<List<byte[]>> AnswersAsync(byte[] query, Transport transport = Transport.Tcp, ClientAddress? client = null)
    {
        if (Raw(query, transport, client) is { } answer)
        {
            return [answer];
        }

        var sink = new CollectingSink();
        await Processor.CompleteAsync(query, new QueryContext(client ?? PublicClient, transport), sink, TestContext.Current.CancellationToken);
        return sink.Messages;
    }

    public Message Ask(string name, string type, Edns? edns = null, Transport transport = Transport.Udp, MessageFlags flags = MessageFlags.None, ClientAddress? client = null) =>
        Read(Raw(Query(name, type, edns, flags), transport, client));

    public static Message Read(byte[]? wire)
    {
        Assert.NotNull(wire);
        Assert.True(Message.TryParse(wire, out var message, out var error), error);
        ARSoft.Tools.Net.Dns.DnsMessage.Parse(new ArraySegment<byte>(wire));
        return message;
    }

    public void Check(QueryCase @case)
    {
        var edns = new Edns(1232, @case.DnssecOk);
        var message = Ask(@case.Name, @case.Type, edns);
        Assert.Equal(@case.Rcode, message.Rcode);
        Assert.Equal(Lines(@case.Answer), Lines(message.Answer));
        Assert.Equal(Lines(@case.Authority), Lines(message.Authority));
        Assert.Equal(Lines(@case.Additional), Lines(message.Additional));
        Assert.Equal(@case.Authoritative, message.Flags.HasFlag(MessageFlags.Authoritative));
        Assert.Equal(@case.Truncated, message.Flags.HasFlag(MessageFlags.Truncated));
        Assert.Equal(Name.Parse(@case.Name), message.Questions[0].Name);
    }

    private static string Lines(IEnumerable<string> lines) => Lines(lines.Select(line => RecordText.Parse(line)));

    private static string Lines(IEnumerable<ResourceRecord> records) => string.Join('\n', records.Select(RecordText.Format));
}

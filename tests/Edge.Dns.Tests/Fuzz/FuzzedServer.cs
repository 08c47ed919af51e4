using System.Net;
using Edge.Dns.Nameserver;
using Edge.Dns.Queries;
using Edge.Dns.Resolver;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Fuzz;

/// <summary>Everything that reads strangers' bytes, and what must hold of it whatever they are.</summary>
internal sealed class FuzzedServer
{
    public static readonly string[] Names = ["example.com.", "x.wild.example.com.", "a.moved.example.com.", "www.sub.example.com.", "big.example.com.", "loop.example.com.", "elsewhere.org.", "."];

    // Of names with more labels ARSoft.Tools.Net says that they are none.
    private const int ReadableLabels = 100;

    private const string Zone = """
        $ORIGIN example.com.
        $TTL 300
        @         SOA   ns hostmaster 1 7200 900 1209600 300
        @         NS    ns
        @         MX    10 web
        @         HTTPS 1 . alpn=h2
        ns        A     192.0.2.53
        web       A     192.0.2.80
        web       AAAA  2001:db8::80
        *.wild    CNAME web
        *         TXT   "any"
        moved     DNAME wild
        deeper    DNAME x.deeper
        loop      CNAME pool
        pool      CNAME loop
        sub       NS    ns.sub
        sub       DS    12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
        ns.sub    A     192.0.2.54
        $GENERATE 1-90 big A 198.51.100.$
        """;

    private static readonly QueryContext[] Contexts =
    [
        new(TestNameserver.PublicClient, Transport.Udp), new(TestNameserver.LanClient, Transport.Udp),
        new(TestNameserver.PublicClient, Transport.Tcp), new(TestNameserver.LanClient, Transport.Tls),
        new(TestNameserver.PublicClient, Transport.Https), new(TestNameserver.PublicClient, Transport.Quic),
    ];

    private static readonly NameserverOptions Options = new()
    {
        Cookies = new ServerCookies([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]]),
        Nsid = [1, 2, 3],
        TrustedSubnetSources = [IPNetwork.Parse("198.51.100.0/24")],
    };

    private readonly TestNameserver[] _servers =
    [
        TestNameserver.With(new RefusingRecursor(), ("example.com.", Zone)).Using(Options),
        TestNameserver.With(new RefusingRecursor(), ("example.com.", Zone)).Using(Options with { CookiesRequired = true }),
    ];

    private readonly byte[] _answer = new byte[Message.MaxLength];
    private readonly List<string> _sent = [];

    /// <summary>Puts bytes to all of it; what came of them at each place in short, the same for inputs that go the same way there.</summary>
    public List<string> Take(byte[] packet)
    {
        var signals = new List<string> { Read(packet) };
        foreach (var server in _servers)
        {
            signals.AddRange(Contexts.Select(context => $"{context.Transport} {context.Client}: {Process(server, packet, context)}"));
        }

        return signals;
    }

    // What can be read can be written, and is the same then.
    private static string Read(byte[] packet)
    {
        if (!Message.TryParse(packet, out var message, out var error))
        {
            return error;
        }

        Assert.True(Message.TryParse(message.ToArray(), out var again, out error), error);
        Assert.Equal((message.Id, message.Rcode, message.Questions.Count), (again.Id, again.Rcode, again.Questions.Count));
        Assert.Equal(message.Answer, again.Answer);
        Assert.Equal(message.Authority, again.Authority);
        Assert.Equal(message.Additional, again.Additional);
        return "read";
    }

    private string Process(TestNameserver server, byte[] packet, QueryContext context)
    {
        var limit = context.Transport == Transport.Udp ? Edns.SafePayloadSize : Message.MaxLength;
        var outcome = server.Processor.Process(packet, context, _answer.AsSpan(0, limit), out var length);
        if (outcome == QueryOutcome.Deferred)
        {
            _sent.Clear();
            // The sink takes every message at once, so nothing is waited for.
            server.Processor.CompleteAsync(packet, context, new Sink(this, packet), CancellationToken.None).AsTask().GetAwaiter().GetResult();
            return "later:" + string.Join(',', _sent);
        }

        if (outcome == QueryOutcome.Dropped)
        {
            Assert.True(packet.Length < MessageHeader.Length || (packet[2] & 0x80) != 0);
            return "dropped";
        }

        return Check(packet, _answer.AsSpan(0, length));
    }

    // RFC 1035 §4.1.1: the same ID, QR, the question as it came if there is one; and others can read it.
    private static string Check(byte[] packet, ReadOnlySpan<byte> answer)
    {
        Assert.True(MessageHeader.TryRead(answer, out var header) && (header.Flags & MessageFlags.Response) != 0);
        Assert.Equal(packet[..2], answer[..2]);
        if (!Message.TryParse(answer, out var message, out var error))
        {
            // A signature's class is ANY (RFC 8945 §4.2), which no record of a message as we read it has.
            Assert.True(header.AdditionalCount > 0 && answer.IndexOf((byte[])[0, 250, 0, 255]) > 0, error);
            return $"signed {header.Rcode}";
        }

        if (message.Questions.Count > 0 && message.Questions[0].Name.LabelCount < ReadableLabels)
        {
            ARSoft.Tools.Net.Dns.DnsMessage.Parse(new ArraySegment<byte>(answer.ToArray()));
        }

        if (message.Questions.Count > 0)
        {
            Assert.Equal(packet[MessageHeader.Length..(MessageHeader.Length + message.Questions[0].Name.Wire.Length)], message.Questions[0].Name.Wire);
        }

        return string.Join(',', [
            (int)message.Rcode, (int)message.Flags >> 5, .. Few(message.Questions.Count, message.Answer.Count, message.Authority.Count, message.Additional.Count),
            message.Edns is null ? 0 : 1, .. message.Edns?.Options.Select(option => (int)option.Code) ?? [],
        ]);
    }

    private static IEnumerable<int> Few(params int[] counts) => counts.Select(count => Math.Min(count, 3));

    private sealed class Sink(FuzzedServer server, byte[] packet) : IMessageSink
    {
        public ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
        {
            server._sent.Add(Check(packet, message.Span));
            return ValueTask.CompletedTask;
        }
    }

    private sealed class RefusingRecursor : IRecursor
    {
        public bool TryAnswerFromCache(ReadOnlySpan<byte> query, Span<byte> answer, int limit, out int length, QueryNotes? notes = null)
        {
            length = 0;
            return false;
        }

        public ValueTask<int> ResolveAsync(ReadOnlyMemory<byte> query, Memory<byte> answer, int limit, CancellationToken cancel, QueryNotes? notes = null)
        {
            var reader = new MessageReader(query.Span);
            Assert.True(MessageHeader.TryRead(query.Span, out var header));
            Assert.True(reader.TryReadQuestion(out var question));
            Assert.True(ClientQuery.TryRead(query.Span, out _));
            var refusal = new Message { Id = header.Id, Flags = MessageFlags.Response | MessageFlags.RecursionAvailable, Rcode = Rcode.ServFail };
            refusal.Questions.Add(question!);
            return ValueTask.FromResult(refusal.Write(answer.Span[..limit]));
        }
    }
}

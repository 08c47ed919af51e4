using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Resolver;

/// <summary>Asks a forwarder as the query processor does: the cache first, then the upstreams.</summary>
internal static class ForwarderClient
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static ForwarderOptions Options(params IPEndPoint[] upstreams) => new()
    {
        Upstreams = [.. upstreams],
        AttemptTimeout = TimeSpan.FromMilliseconds(300),
        TotalTimeout = TimeSpan.FromSeconds(3),
    };

    public static byte[] Query(string name, RecordType type, ushort id = 7, Edns? edns = null, MessageFlags flags = MessageFlags.RecursionDesired)
    {
        var query = new Message { Id = id, Flags = flags, Edns = edns };
        query.Questions.Add(new Question(Name.Parse(name), type));
        return query.ToArray();
    }

    public static Task<Message> Ask(this Forwarder forwarder, string name, RecordType type = RecordType.A, bool edns = true, int limit = 65535) =>
        forwarder.Ask(Query(name, type, edns: edns ? new Edns(1232) : null), limit);

    public static async Task<Message> Ask(this Forwarder forwarder, byte[] query, int limit = 65535)
    {
        var answer = new byte[65535];
        if (!forwarder.TryAnswerFromCache(query, answer, limit, out var length))
        {
            length = await forwarder.ResolveAsync(query, answer, limit, TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);
        }

        Assert.InRange(length, 12, limit);
        Assert.True(Message.TryParse(answer.AsSpan(0, length), out var message, out var error), error);
        var asked = FakeUpstream.Parse(query);
        Assert.Equal(asked.Id, message.Id);
        Assert.Equal(asked.Questions[0].Name.Wire, message.Questions[0].Name.Wire);
        Assert.Equal(asked.Edns is null, message.Edns is null);
        Assert.Equal(MessageFlags.Response | MessageFlags.RecursionAvailable, message.Flags & ~(MessageFlags.RecursionDesired | MessageFlags.CheckingDisabled | MessageFlags.Truncated));
        return message;
    }

    public static bool TryCache(this Forwarder forwarder, string name, RecordType type, out Message? message)
    {
        var answer = new byte[65535];
        message = null;
        return forwarder.TryAnswerFromCache(Query(name, type), answer, answer.Length, out var length)
            && Message.TryParse(answer.AsSpan(0, length), out message, out _);
    }

    /// <summary>The code and text of the extended error; null when there is none.</summary>
    public static (ExtendedErrorCode Code, string Text)? ExtendedError(this Message message) =>
        message.Edns?.Options.Where(o => o.Code == EdnsOption.ExtendedErrorOption)
            .Select(o => ((ExtendedErrorCode, string)?)((ExtendedErrorCode)(o.Data.Span[0] << 8 | o.Data.Span[1]), System.Text.Encoding.UTF8.GetString(o.Data.Span[2..])))
            .FirstOrDefault();

    public static string[] Text(this IEnumerable<ResourceRecord> records) =>
        [.. records.Select(r => $"{r.Owner} {r.Ttl} {r.Type} {Data(r)}")];

    public static async Task Until(Func<bool> condition, Action? meanwhile = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            meanwhile?.Invoke();
            Assert.False(patience.IsCancellationRequested, "waited in vain");
            await Task.Delay(1);
        }
    }

    private static string Data(ResourceRecord record) => record.Type switch
    {
        RecordType.A or RecordType.AAAA => new IPAddress(record.Data.Wire).ToString(),
        RecordType.CNAME or RecordType.PTR or RecordType.NS => Name.FromWire(record.Data.Wire).ToString(),
        RecordType.SOA => "soa",
        _ => Convert.ToHexString(record.Data.Wire),
    };
}

using System.Runtime.CompilerServices;
using Edge.Dns.Filtering;
using Edge.Dns.Queries;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Nameserver;

/// <summary>
/// Where questions for names that are not ours pass the filter: before the cache is looked at, and once more when the
/// answer shows where the name leads.
/// </summary>
internal sealed class FilterDesk(Func<FilterPolicy> current)
{
    /// <summary>What the filter says of a question; it costs one look when nothing is filtered.</summary>
    /// <param name="message">The question.</param>
    /// <param name="context">Who asks, and how.</param>
    /// <param name="standing">For whom it asks.</param>
    [SkipLocalsInit]
    public JudgedQuestion Judge(QueryMessage message, in QueryContext context, in ClientStanding standing)
    {
        var policy = current();
        if (policy.IsEmpty)
        {
            return default;
        }

        var client = standing.Subnet is { SourceLength: > 0 } subnet ? subnet.Address : context.Client;
        Span<byte> address = stackalloc byte[16];
        client.Write(address);
        var verdict = policy.Judge(message.Name, message.Type, address);
        // What this server answers by itself leads nowhere, whatever a list says of it.
        return verdict.Kind == VerdictKind.Blocked && SpecialNames.Find(message.Name) is not null ? default : new JudgedQuestion(policy, verdict, client);
    }

    /// <summary>Answers a question that is blocked or has an answer of the settings; false when others have to.</summary>
    /// <param name="judged">What the filter says.</param>
    /// <param name="query">The query's bytes.</param>
    /// <param name="message">The query.</param>
    /// <param name="answer">Receives the answer.</param>
    /// <param name="limit">Longest answer in bytes.</param>
    /// <param name="length">Bytes written.</param>
    /// <param name="notes">Receives who answered.</param>
    public static bool TryAnswer(in JudgedQuestion judged, ReadOnlySpan<byte> query, QueryMessage message, Span<byte> answer, int limit, out int length, QueryNotes notes)
    {
        length = judged.Verdict.Kind switch
        {
            VerdictKind.Blocked => WriteBlocked(judged.Policy!, judged.Verdict, query, message, answer, limit, notes),
            VerdictKind.Answered when judged.Answer is { Target: null } custom => WriteAddresses(custom.V4, custom.V6, Rcode.NoError, default, query, message, answer, limit),
            _ => 0,
        };
        if (length > 0 && judged.Verdict.Kind == VerdictKind.Answered)
        {
            notes.Note(AnsweredBy.Custom);
        }

        return length > 0;
    }

    /// <summary>
    /// Looks at where an answer leads: a name that stands for a blocked one is blocked, unless a rule allows it
    /// itself whose word is as near. Returns the length of the answer, which may be another one then.
    /// </summary>
    [SkipLocalsInit]
    public static int Screen(in JudgedQuestion judged, ReadOnlySpan<byte> query, QueryMessage message, Span<byte> answer, int length, int limit, QueryNotes notes)
    {
        if (judged.Policy is not { } policy || judged.Verdict.Kind is not (VerdictKind.None or VerdictKind.Allowed) || !MessageHeader.TryRead(answer, out var header) || header.AnswerCount == 0)
        {
            return length;
        }

        var reader = new MessageReader(answer[..length], message.QuestionEnd);
        Span<byte> address = stackalloc byte[16];
        Span<byte> target = stackalloc byte[Name.MaxWireLength];
        judged.Client.Write(address);
        for (var i = 0; i < header.AnswerCount && reader.TrySkipName() && reader.TryReadRecordHeader(out var record); i++)
        {
            if (!TryReadTarget(answer[..length], record, target, out var targetLength))
            {
                continue;
            }

            var verdict = policy.JudgeTarget(target[..targetLength], message.Type, address, judged.Verdict.Group);
            if (policy.BlocksBy(judged.Verdict, verdict))
            {
                return WriteBlocked(policy, verdict, query, message, answer, limit, notes);
            }
        }

        return length;
    }

    // A DNAME has its CNAME beside it (RFC 6672 §3.1). SVCB and HTTPS have a priority before the name (RFC 9460 §2.2).
    private static bool TryReadTarget(ReadOnlySpan<byte> answer, RecordHeader record, Span<byte> target, out int length)
    {
        length = 0;
        var skipped = record.Type switch
        {
            RecordType.CNAME => 0,
            RecordType.SVCB or RecordType.HTTPS => 2,
            _ => -1,
        };
        return skipped >= 0 && new MessageReader(answer, record.DataOffset + skipped).TryReadName(target, out length) && length > 1;
    }

    private static int WriteBlocked(FilterPolicy policy, in FilterVerdict verdict, ReadOnlySpan<byte> query, QueryMessage message, Span<byte> answer, int limit, QueryNotes notes)
    {
        policy.Count(verdict);
        notes.Note(AnsweredBy.Blocked, policy.NameOf(verdict));
        var reply = policy.Reply;
        return WriteAddresses(reply.V4, reply.V6, reply.Rcode, policy.ReasonOf(verdict), query, message, answer, limit);
    }

    private static int WriteAddresses(
        ReplyRecords v4, ReplyRecords v6, Rcode rcode, ReadOnlySpan<byte> reason, ReadOnlySpan<byte> query, QueryMessage message, Span<byte> answer, int limit)
    {
        var writer = new AnswerWriter(query, message, answer, limit, reason) { Flags = MessageFlags.RecursionAvailable, Rcode = rcode };
        Add(ref writer, message.Type is RecordType.A or RecordType.ANY, v4);
        Add(ref writer, message.Type is RecordType.AAAA or RecordType.ANY, v6);
        if (writer.AnswerCount == 0 && rcode != Rcode.Refused)
        {
            // RFC 2308 §5: without an SOA "no" would be asked again at once.
            writer.AddAuthority(Set(FilterReply.Soa), default);
        }

        return writer.Finish();
    }

    private static void Add(ref AnswerWriter writer, bool isAsked, ReplyRecords records)
    {
        if (isAsked && records.Count > 0)
        {
            writer.AddAnswer(Set(records), default);
        }
    }

    private static WireRRset Set(ReplyRecords records) => new(records.Wire, 0, records.Wire.Length, records.Type, records.Count, records, 0);
}

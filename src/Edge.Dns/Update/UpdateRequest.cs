using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Edge.Dns.Wire;

namespace Edge.Dns.Update;

/// <summary>An UPDATE message taken apart (RFC 2136 §2); whether it makes sense is checked afterwards.</summary>
/// <param name="Zone">ZNAME, the zone to be changed.</param>
/// <param name="Prerequisites">What must be so, in the order of the message.</param>
/// <param name="Updates">What is to be changed, in the order of the message.</param>
internal sealed record UpdateRequest(Name Zone, ImmutableArray<UpdateRecord> Prerequisites, ImmutableArray<UpdateRecord> Updates)
{
    /// <summary>Reads a message; what cannot be read is FORMERR (RFC 2136 §3.1.1).</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, [NotNullWhen(true)] out UpdateRequest? request, [NotNullWhen(false)] out UpdateRefusal? refusal)
    {
        request = null;
        refusal = UpdateRefusal.Malformed("the message cannot be read");
        if (!MessageHeader.TryRead(message, out var header))
        {
            return false;
        }

        var reader = new MessageReader(message);
        if (header.QuestionCount != 1 || !reader.TryReadQuestion(out var zone) || zone!.Type != RecordType.SOA)
        {
            refusal = UpdateRefusal.Malformed("the zone section holds one zone, of type SOA (RFC 2136 section 2.3)");
            return false;
        }

        if (!TryReadSection(ref reader, header.AnswerCount, out var prerequisites) || !TryReadSection(ref reader, header.AuthorityCount, out var updates))
        {
            return false;
        }

        refusal = null;
        request = new UpdateRequest(zone.Name, prerequisites, updates);
        return true;
    }

    private static bool TryReadSection(ref MessageReader reader, int count, out ImmutableArray<UpdateRecord> section)
    {
        // Not as many as the header says: it may say 65535 in twelve bytes.
        var records = ImmutableArray.CreateBuilder<UpdateRecord>();
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadName(out var owner) || !reader.TryReadRecordHeader(out var header))
            {
                section = [];
                return false;
            }

            // "Delete this RRset" has no data even where its type must have some (RFC 2136 §2.5.2).
            RData data = default;
            if (header.DataLength > 0 && !reader.TryReadData(header, out data))
            {
                section = [];
                return false;
            }

            records.Add(new UpdateRecord(owner!, header.Type, header.Class, header.RawTtl, data));
        }

        section = records.ToImmutable();
        return true;
    }
}

using System.Diagnostics.CodeAnalysis;
using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>A message that was received: lenient where neighbours differ, strict where a message could do harm.</summary>
internal sealed class MulticastMessage
{
    /// <summary>The longest message in bytes, header of IP and UDP included (RFC 6762 §17).</summary>
    public const int MaxLength = 9000;

    /// <summary>The most questions of a message that are answered, repeated ones counted once: a packet of the usual length holds fewer.</summary>
    public const int MostQuestions = 256;

    private const ushort TopBit = 0x8000;

    public ushort Id { get; private init; }

    public bool IsResponse { get; private init; }

    /// <summary>TC: more known answers follow (RFC 6762 §7.2).</summary>
    public bool IsTruncated { get; private init; }

    public List<MulticastQuestion> Questions { get; } = [];

    /// <summary>Answers of a response, known answers of a query.</summary>
    public List<MulticastRecord> Answers { get; } = [];

    /// <summary>What a probe proposes (RFC 6762 §8.2).</summary>
    public List<MulticastRecord> Authority { get; } = [];

    public List<MulticastRecord> Additional { get; } = [];

    /// <summary>Reads a message; false for one that is to be ignored as a whole.</summary>
    public static bool TryParse(ReadOnlySpan<byte> wire, [NotNullWhen(true)] out MulticastMessage? message)
    {
        message = null;

        // RFC 6762 §18.3, §18.11: other opcodes and response codes are ignored.
        if (wire.Length > MaxLength || !MessageHeader.TryRead(wire, out var header) || header.Opcode != Opcode.Query || header.Rcode != Rcode.NoError)
        {
            return false;
        }

        var read = new MulticastMessage { Id = header.Id, IsResponse = header.Flags.HasFlag(MessageFlags.Response), IsTruncated = header.Flags.HasFlag(MessageFlags.Truncated) };
        var reader = new MessageReader(wire);
        var asked = new HashSet<MulticastQuestion>();
        for (var i = 0; i < header.QuestionCount; i++)
        {
            if (!reader.TryReadQuestion(out var question))
            {
                return false;
            }

            // RFC 6762 §6: no questions in responses, and those there are say nothing.
            if (!read.IsResponse && asked.Count < MostQuestions && (RecordClass)((ushort)question!.Class & ~TopBit) is RecordClass.IN or RecordClass.Any
                && new MulticastQuestion(question.Name, question.Type, ((ushort)question.Class & TopBit) != 0) is var one && asked.Add(one))
            {
                read.Questions.Add(one);
            }
        }

        message = TryReadSection(wire, ref reader, header.AnswerCount, read.Answers)
            && TryReadSection(wire, ref reader, header.AuthorityCount, read.Authority)
            && TryReadSection(wire, ref reader, header.AdditionalCount, read.Additional) ? read : null;
        return message is not null;
    }

    private static bool TryReadSection(ReadOnlySpan<byte> wire, ref MessageReader reader, int count, List<MulticastRecord> section)
    {
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadName(out var owner) || !reader.TryReadRecordHeader(out var header))
            {
                return false;
            }

            // OPT carries a payload size where others have their class; records of other classes are nothing to us.
            if (header.Type != RecordType.OPT && ((ushort)header.Class & ~TopBit) == (ushort)RecordClass.IN && TryReadData(wire, reader, header, out var data))
            {
                section.Add(new MulticastRecord(owner!, header.Type, header.Ttl, data, ((ushort)header.Class & TopBit) != 0));
            }
        }

        return true;
    }

    private static bool TryReadData(ReadOnlySpan<byte> wire, MessageReader reader, RecordHeader header, out RData data)
    {
        data = default;
        if (header.Type != RecordType.NSEC)
        {
            return reader.TryReadData(header, out data) && IsShaped(header.Type, data.Wire);
        }

        // RFC 6762 §18.14: here the next name may be compressed, which unicast DNS forbids.
        var end = header.DataOffset + header.DataLength;
        var part = new MessageReader(wire[..end], header.DataOffset);
        if (!part.TryReadName(out var next))
        {
            return false;
        }

        data = new RData([.. next!.Wire, .. wire[part.Offset..end]]);
        return true;
    }

    // Of the types that are used here: whoever reads their data later need not look again.
    private static bool IsShaped(RecordType type, ReadOnlySpan<byte> data) => type switch
    {
        RecordType.A => data.Length == 4,
        RecordType.AAAA => data.Length == 16,
        RecordType.PTR or RecordType.CNAME => RDataNames.NameLength(data) == data.Length,
        RecordType.SRV => data.Length > 6 && RDataNames.NameLength(data[6..]) == data.Length - 6,
        _ => true,
    };
}

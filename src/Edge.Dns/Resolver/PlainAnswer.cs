using System.Buffers.Binary;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>
/// The answer that most questions get: addresses of the very name that was asked. It is read and kept without being
/// taken apart into records; what it says is what <see cref="AnswerScrubber"/> would have made of it.
/// </summary>
internal static class PlainAnswer
{
    private const int PointerLength = 2;
    private const int FixedLength = 10;
    private const int MostRecords = 16;

    // A pointer to the question's name (RFC 1035 §4.1.4).
    private const ushort QuestionPointer = 0xC000 | MessageHeader.Length;

    /// <summary>Whether a message is whole and such an answer. The question in it is that of the key.</summary>
    public static bool IsOne(QuestionKey key, ReadOnlySpan<byte> message)
    {
        if (key.Type is not (RecordType.A or RecordType.AAAA) || key.DnssecOk || !MessageHeader.TryRead(message, out var header)
            || header.Rcode != Rcode.NoError || header.QuestionCount != 1 || header.AnswerCount is 0 or > MostRecords
            || (header.Flags & MessageFlags.Truncated) != 0)
        {
            return false;
        }

        var reader = new MessageReader(message, StartOf(key));
        for (var i = 0; i < header.AnswerCount; i++)
        {
            var start = reader.Offset;
            if (!reader.TrySkipName() || reader.Offset - start != PointerLength || BinaryPrimitives.ReadUInt16BigEndian(message[start..]) != QuestionPointer
                || !reader.TryReadRecordHeader(out var record) || record.Type != key.Type || record.Class != RecordClass.IN || record.DataLength != LengthOf(key.Type)
                || IsThereTwice(message, key, i))
            {
                return false;
            }
        }

        return IsHarmless(ref reader, header.AuthorityCount + header.AdditionalCount);
    }

    /// <summary>The first private address in it; empty when there is none.</summary>
    public static ReadOnlySpan<byte> PrivateAddress(QuestionKey key, ReadOnlySpan<byte> message)
    {
        MessageHeader.TryRead(message, out var header);
        for (var i = 0; i < header.AnswerCount; i++)
        {
            if (DataOf(message, key, i) is var data && PrivateAddresses.IsPrivate(data))
            {
                return data;
            }
        }

        return [];
    }

    /// <summary>The form in which it is kept.</summary>
    /// <param name="key">The question.</param>
    /// <param name="message">The message.</param>
    /// <param name="options">How short and how long it may be kept.</param>
    public static CachedAnswer Keep(QuestionKey key, ReadOnlySpan<byte> message, ForwarderOptions options)
    {
        MessageHeader.TryRead(message, out var header);
        var size = SizeOf(key.Type);
        var (least, most) = ((uint)options.MinTtl.TotalSeconds, (uint)options.MaxTtl.TotalSeconds);
        var answer = CachedAnswer.Create(key, key.Type, StartOf(key) + (header.AnswerCount * size), header.AnswerCount);
        var wire = answer.WritableWire;
        var offsets = answer.WritableTtlOffsets;
        message[..wire.Length].CopyTo(wire);
        new MessageHeader(0, MessageFlags.Response, Opcode.Query, Rcode.NoError, 1, header.AnswerCount, 0, 0).Write(wire);
        var shortest = uint.MaxValue;
        for (var i = 0; i < offsets.Length; i++)
        {
            offsets[i] = (ushort)(StartOf(key) + (i * size) + PointerLength + 4);
            var ttl = BinaryPrimitives.ReadUInt32BigEndian(wire[offsets[i]..]);
            // RFC 2181 §8: with the uppermost bit set it is zero.
            ttl = Math.Min(Math.Max(ttl > int.MaxValue ? 0 : ttl, least), most);
            BinaryPrimitives.WriteUInt32BigEndian(wire[offsets[i]..], ttl);
            shortest = Math.Min(shortest, ttl);
        }

        answer.Head.Rcode = (ushort)Rcode.NoError;
        answer.Head.Lifetime = (uint)Math.Min(shortest * 1000L, uint.MaxValue);
        return answer;
    }

    private static int StartOf(QuestionKey key) => MessageHeader.Length + key.Name.Wire.Length + 4;

    private static int LengthOf(RecordType type) => type == RecordType.A ? 4 : 16;

    private static int SizeOf(RecordType type) => PointerLength + FixedLength + LengthOf(type);

    private static ReadOnlySpan<byte> DataOf(ReadOnlySpan<byte> message, QuestionKey key, int record) =>
        message.Slice(StartOf(key) + (record * SizeOf(key.Type)) + PointerLength + FixedLength, LengthOf(key.Type));

    private static bool IsThereTwice(ReadOnlySpan<byte> message, QuestionKey key, int record)
    {
        for (var before = 0; before < record; before++)
        {
            if (DataOf(message, key, before).SequenceEqual(DataOf(message, key, record)))
            {
                return true;
            }
        }

        return false;
    }

    // What else there is is not looked at, but must be there whole; the OPT record may say that it is a failure after all.
    private static bool IsHarmless(ref MessageReader reader, int records)
    {
        var opts = 0;
        for (var i = 0; i < records; i++)
        {
            if (!reader.TrySkipName() || !reader.TryReadRecordHeader(out var record)
                || (record.Type == RecordType.OPT && (++opts > 1 || Edns.UpperRcode(record) != 0)))
            {
                return false;
            }
        }

        return reader.AtEnd;
    }
}

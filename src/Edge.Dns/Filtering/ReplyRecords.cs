using System.Buffers.Binary;
using Edge.Dns.Wire;

namespace Edge.Dns.Filtering;

/// <summary>Records of one type as they stand behind a question: each begins with a pointer to its name.</summary>
/// <param name="Type">Their type.</param>
/// <param name="Wire">Their bytes.</param>
/// <param name="Count">Their number; may be 0.</param>
internal sealed record ReplyRecords(RecordType Type, byte[] Wire, int Count)
{
    // A pointer to offset 12 (RFC 1035 §4.1.4), type, class, TTL and length.
    private const int HeaderLength = 12;

    public static ReplyRecords Of(RecordType type, uint ttl, IEnumerable<byte[]> data)
    {
        byte[][] records = [.. data];
        var wire = new byte[records.Sum(record => HeaderLength + record.Length)];
        var rest = wire.AsSpan();
        foreach (var record in records)
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest, 0xC000 | MessageHeader.Length);
            BinaryPrimitives.WriteUInt16BigEndian(rest[2..], (ushort)type);
            BinaryPrimitives.WriteUInt16BigEndian(rest[4..], (ushort)RecordClass.IN);
            BinaryPrimitives.WriteUInt32BigEndian(rest[6..], ttl);
            BinaryPrimitives.WriteUInt16BigEndian(rest[10..], (ushort)record.Length);
            record.CopyTo(rest[HeaderLength..]);
            rest = rest[(HeaderLength + record.Length)..];
        }

        return new ReplyRecords(type, wire, records.Length);
    }
}

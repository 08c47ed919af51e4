using System.Buffers.Binary;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones.Packed;

/// <summary>
/// A record as it stands in an answer whose question is its owner (RFC 1035 §4.1.4): a pointer to offset 12, type, class,
/// TTL, length, data. Packed zones keep all records so, because most answers are a copy of these bytes.
/// </summary>
internal static class RecordLayout
{
    /// <summary>Bytes before the data.</summary>
    public const int HeaderLength = 12;

    private const int TypeOffset = 2;
    private const int TtlOffset = 6;
    private const int LengthOffset = 10;

    /// <summary>Writes one record; the room is <see cref="HeaderLength"/> and the data's length.</summary>
    public static void Write(Span<byte> to, RecordType type, uint ttl, ReadOnlySpan<byte> data)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to, 0xC000 | MessageHeader.Length);
        BinaryPrimitives.WriteUInt16BigEndian(to[TypeOffset..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(to[4..], (ushort)RecordClass.IN);
        BinaryPrimitives.WriteUInt32BigEndian(to[TtlOffset..], ttl);
        BinaryPrimitives.WriteUInt16BigEndian(to[LengthOffset..], (ushort)data.Length);
        data.CopyTo(to[HeaderLength..]);
    }

    public static RecordType TypeOf(ReadOnlySpan<byte> record) => (RecordType)BinaryPrimitives.ReadUInt16BigEndian(record[TypeOffset..]);

    public static uint TtlOf(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt32BigEndian(record[TtlOffset..]);

    /// <summary>Header and data together.</summary>
    public static int LengthOf(ReadOnlySpan<byte> record) => HeaderLength + BinaryPrimitives.ReadUInt16BigEndian(record[LengthOffset..]);

    public static ReadOnlySpan<byte> DataOf(ReadOnlySpan<byte> record) => record[HeaderLength..LengthOf(record)];
}

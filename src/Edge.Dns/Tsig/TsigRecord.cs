using System.Buffers.Binary;
using Edge.Dns.Wire;

namespace Edge.Dns.Tsig;

/// <summary>The last record of a signed message (RFC 8945 §4.2).</summary>
internal sealed class TsigRecord
{
    /// <summary>Bytes of its data beside the algorithm's name, the MAC and the other data.</summary>
    public const int FixedDataLength = 16;

    /// <summary>The key's name.</summary>
    public required Name Key { get; init; }

    public required Name Algorithm { get; init; }

    /// <summary>When it was signed: seconds since 1970, 48 bits.</summary>
    public required ulong Time { get; init; }

    /// <summary>By how many seconds the clocks may differ.</summary>
    public required ushort Fudge { get; init; }

    public required byte[] Mac { get; init; }

    /// <summary>The message's number when it was signed; a forwarder may have changed it since.</summary>
    public required ushort OriginalId { get; init; }

    public required TsigError Error { get; init; }

    public required byte[] Other { get; init; }

    /// <summary>Where the record begins, which is where the signed message ends.</summary>
    public int Offset { get; init; }

    /// <summary>
    /// Finds the record. False when the message cannot be read, or has a TSIG record that is not the last of its
    /// additional section, not of class ANY, not with TTL 0, or malformed (RFC 8945 §5.1, §5.2): FORMERR, then.
    /// </summary>
    /// <param name="message">A whole message.</param>
    /// <param name="record">The record; null when the message is not signed.</param>
    public static bool TryFind(ReadOnlySpan<byte> message, out TsigRecord? record)
    {
        record = null;
        if (!MessageHeader.TryRead(message, out var header))
        {
            return false;
        }

        var reader = new MessageReader(message);
        for (var i = 0; i < header.QuestionCount; i++)
        {
            if (!reader.TrySkipName() || !reader.TryReadUInt32(out _))
            {
                return false;
            }
        }

        var count = header.AnswerCount + header.AuthorityCount + header.AdditionalCount;
        for (var i = 0; i < count; i++)
        {
            var offset = reader.Offset;
            if (!reader.TrySkipName() || !reader.TryReadRecordHeader(out var head))
            {
                return false;
            }

            if (head.Type == RecordType.TSIG
                && (i != count - 1 || header.AdditionalCount == 0 || head.Class != RecordClass.Any || head.RawTtl != 0
                    || !TryRead(message[..(head.DataOffset + head.DataLength)], head.DataOffset, offset, out record)))
            {
                return false;
            }
        }

        return reader.AtEnd;
    }

    /// <summary>The same record with its signature.</summary>
    public TsigRecord With(byte[] mac) => new()
    {
        Key = Key, Algorithm = Algorithm, Time = Time, Fudge = Fudge, Mac = mac, OriginalId = OriginalId, Error = Error, Other = Other, Offset = Offset,
    };

    /// <summary>Appends the record to a message and counts it in; returns the message's new length.</summary>
    /// <param name="message">The message, with room behind it.</param>
    /// <param name="length">The message's length without the record.</param>
    public int Append(Span<byte> message, int length)
    {
        var writer = new MessageWriter(message, length);
        var written = writer.TryWriteBytes(Key.Wire)
            && writer.TryWriteUInt16((ushort)RecordType.TSIG) && writer.TryWriteUInt16((ushort)RecordClass.Any) && writer.TryWriteUInt32(0)
            && writer.TryWriteUInt16((ushort)(Algorithm.Wire.Length + FixedDataLength + Mac.Length + Other.Length))
            && writer.TryWriteBytes(Algorithm.Wire)
            && writer.TryWriteUInt16((ushort)(Time >> 32)) && writer.TryWriteUInt32((uint)Time) && writer.TryWriteUInt16(Fudge)
            && writer.TryWriteUInt16((ushort)Mac.Length) && writer.TryWriteBytes(Mac)
            && writer.TryWriteUInt16(OriginalId) && writer.TryWriteUInt16((ushort)Error)
            && writer.TryWriteUInt16((ushort)Other.Length) && writer.TryWriteBytes(Other);
        if (!written)
        {
            throw new ArgumentException("no room for the TSIG record", nameof(message));
        }

        var additional = BinaryPrimitives.ReadUInt16BigEndian(message[10..]);
        BinaryPrimitives.WriteUInt16BigEndian(message[10..], (ushort)(additional + 1));
        return writer.Position;
    }

    // The algorithm's name is not compressed (RFC 8945 §4.2).
    private static bool TryRead(ReadOnlySpan<byte> message, int start, int offset, out TsigRecord? record)
    {
        record = null;
        var nameLength = RDataNames.NameLength(message[start..]);
        if (nameLength < 0 || !new MessageReader(message, offset).TryReadName(out var owner))
        {
            return false;
        }

        var reader = new MessageReader(message, start + nameLength);
        if (!reader.TryReadUInt16(out var timeHigh) || !reader.TryReadUInt32(out var timeLow) || !reader.TryReadUInt16(out var fudge)
            || !TryReadBytes(ref reader, message, out var mac)
            || !reader.TryReadUInt16(out var id) || !reader.TryReadUInt16(out var error)
            || !TryReadBytes(ref reader, message, out var other) || !reader.AtEnd)
        {
            return false;
        }

        record = new TsigRecord
        {
            Key = owner!,
            Algorithm = Name.FromWire(message.Slice(start, nameLength)),
            Time = ((ulong)timeHigh << 32) | timeLow,
            Fudge = fudge,
            Mac = mac,
            OriginalId = id,
            Error = (TsigError)error,
            Other = other,
            Offset = offset,
        };
        return true;
    }

    private static bool TryReadBytes(ref MessageReader reader, ReadOnlySpan<byte> message, out byte[] bytes)
    {
        bytes = [];
        if (!reader.TryReadUInt16(out var length) || message.Length - reader.Offset < length)
        {
            return false;
        }

        bytes = message.Slice(reader.Offset, length).ToArray();
        reader = new MessageReader(message, reader.Offset + length);
        return true;
    }
}

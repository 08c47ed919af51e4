using System.Buffers.Binary;

namespace Edge.Dns.Wire;

/// <summary>
/// Writes a message into a span without allocating. Every method is false when there is no room; go back to a
/// <see cref="Mark"/> then, so that an RRset stands in the message whole or not at all.
/// </summary>
public ref struct MessageWriter
{
    // A pointer has fourteen bits (RFC 1035 §4.1.4).
    private const int HighestPointerTarget = 0x3FFF;

    private readonly Span<byte> _message;
    private NameOffsets _offsets;
    private int _offsetCount;

    /// <summary>Writes from <paramref name="position"/> on; what stands before it is kept.</summary>
    public MessageWriter(Span<byte> message, int position = MessageHeader.Length)
    {
        _message = message;
        Position = position;
        Limit = message.Length;
    }

    /// <summary>Bytes written so far, the header included.</summary>
    public int Position { get; private set; }

    /// <summary>The message grows no longer than this.</summary>
    public int Limit { get; set; }

    /// <summary>Bytes that still fit.</summary>
    public readonly int Remaining => Limit - Position;

    /// <summary>The place to which <see cref="Rollback"/> returns.</summary>
    public readonly WriterMark Mark() => new(Position, _offsetCount);

    /// <summary>Takes back all that was written since the mark.</summary>
    public void Rollback(WriterMark mark)
    {
        Position = mark.Position;
        _offsetCount = mark.NameCount;
    }

    /// <summary>Writes one byte.</summary>
    public bool TryWriteByte(byte value)
    {
        if (Remaining < 1)
        {
            return false;
        }

        _message[Position++] = value;
        return true;
    }

    /// <summary>Writes two bytes.</summary>
    public bool TryWriteUInt16(ushort value)
    {
        if (Remaining < 2)
        {
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(_message[Position..], value);
        Position += 2;
        return true;
    }

    /// <summary>Writes four bytes.</summary>
    public bool TryWriteUInt32(uint value)
    {
        if (Remaining < 4)
        {
            return false;
        }

        BinaryPrimitives.WriteUInt32BigEndian(_message[Position..], value);
        Position += 4;
        return true;
    }

    /// <summary>Writes bytes as they are.</summary>
    public bool TryWriteBytes(scoped ReadOnlySpan<byte> bytes)
    {
        if (Remaining < bytes.Length)
        {
            return false;
        }

        bytes.CopyTo(_message[Position..]);
        Position += bytes.Length;
        return true;
    }

    /// <summary>Makes the name that already stands at an offset, with all its suffixes, a target for compression.</summary>
    public void Remember(int offset)
    {
        while (_message[offset] is not 0 and <= Name.MaxLabelLength)
        {
            RememberLabel(offset);
            offset += _message[offset] + 1;
        }
    }

    /// <summary>Writes an uncompressed wire name, ending in a pointer to an earlier one where there is one.</summary>
    /// <param name="wire">The name.</param>
    /// <param name="exactCase">
    /// True for names in data: they keep their case, whatever the case of the question. Owners do not: one that
    /// points to the question follows its case (RFC 4343 §4.1).
    /// </param>
    public bool TryWriteName(scoped ReadOnlySpan<byte> wire, bool exactCase = false)
    {
        // Only whole names are compared with: behind the labels of this one still lies what the buffer held before.
        var earlier = _offsetCount;
        var start = 0;
        while (wire[start] != 0)
        {
            var target = FindEarlier(wire[start..], earlier, exactCase);
            if (target >= 0)
            {
                return TryWriteUInt16((ushort)(0xC000 | target));
            }

            var length = wire[start] + 1;
            var here = Position;
            if (!TryWriteBytes(wire.Slice(start, length)))
            {
                return false;
            }

            RememberLabel(here);
            start += length;
        }

        return TryWriteByte(0);
    }

    /// <summary>Writes a record: owner and RFC 1035 names compressed, all else as it is.</summary>
    public bool TryWriteRecord(scoped ReadOnlySpan<byte> owner, RecordType type, RecordClass @class, uint ttl, scoped ReadOnlySpan<byte> data) =>
        TryWriteName(owner) && TryWriteRecordBody(type, @class, ttl, data);

    /// <summary>Writes a record whose owner already stands at an offset, which is not above 0x3FFF.</summary>
    public bool TryWriteRecord(int ownerOffset, RecordType type, RecordClass @class, uint ttl, scoped ReadOnlySpan<byte> data) =>
        TryWriteUInt16((ushort)(0xC000 | ownerOffset)) && TryWriteRecordBody(type, @class, ttl, data);

    private bool TryWriteRecordBody(RecordType type, RecordClass @class, uint ttl, scoped ReadOnlySpan<byte> data)
    {
        if (Remaining < 10)
        {
            return false;
        }

        var fixedPart = _message[Position..];
        BinaryPrimitives.WriteUInt16BigEndian(fixedPart, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(fixedPart[2..], (ushort)@class);
        BinaryPrimitives.WriteUInt32BigEndian(fixedPart[4..], ttl);
        Position += 10;
        var dataStart = Position;
        if (!TryWriteData(type, data))
        {
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(fixedPart[8..], (ushort)(Position - dataStart));
        return true;
    }

    private bool TryWriteData(RecordType type, scoped ReadOnlySpan<byte> data)
    {
        foreach (var step in RDataNames.Layout(type))
        {
            if (step == RDataNames.Compressed)
            {
                var length = RDataNames.NameLength(data);
                if (length < 0)
                {
                    break;
                }

                if (!TryWriteName(data[..length], exactCase: true))
                {
                    return false;
                }

                data = data[length..];
            }
            else if (step > 0 && data.Length >= step)
            {
                if (!TryWriteBytes(data[..step]))
                {
                    return false;
                }

                data = data[step..];
            }
            else
            {
                break;
            }
        }

        return TryWriteBytes(data);
    }

    private void RememberLabel(int offset)
    {
        if (_offsetCount < NameOffsets.Capacity && offset <= HighestPointerTarget)
        {
            _offsets[_offsetCount++] = (ushort)offset;
        }
    }

    private readonly int FindEarlier(scoped ReadOnlySpan<byte> wire, int count, bool exactCase)
    {
        for (var i = 0; i < count; i++)
        {
            int offset = _offsets[i];
            // The length byte tells most of them apart.
            if (_message[offset] == wire[0] && SameName(offset, wire, exactCase))
            {
                return offset;
            }
        }

        return -1;
    }

    /// <summary>Whether the name that was written at an offset is this one, whatever their cases.</summary>
    internal readonly bool IsName(int offset, scoped ReadOnlySpan<byte> wire) => SameName(offset, wire, exactCase: false);

    // Pointers in what we wrote ourselves always lead backwards, so this ends.
    private readonly bool SameName(int offset, scoped ReadOnlySpan<byte> wire, bool exactCase)
    {
        var i = 0;
        while (true)
        {
            int length = _message[offset];
            if (length >= 0xC0)
            {
                offset = ((length & 0x3F) << 8) | _message[offset + 1];
                continue;
            }

            if (length != wire[i])
            {
                return false;
            }

            if (length == 0)
            {
                return true;
            }

            var label = _message.Slice(offset + 1, length);
            var other = wire.Slice(i + 1, length);
            if (!label.SequenceEqual(other) && (exactCase || !NameComparison.Equal(label, other)))
            {
                return false;
            }

            i += length + 1;
            offset += length + 1;
        }
    }
}

using System.Buffers.Binary;

namespace Edge.Dns.Wire;

/// <summary>
/// Reads a message part by part without allocating. Every method is false when the bytes end too early or are
/// not what they should be, and the reader is of no more use then.
/// </summary>
public ref struct MessageReader
{
    private readonly ReadOnlySpan<byte> _message;

    /// <summary>Reads <paramref name="message"/> from <paramref name="offset"/> on, by default behind the header.</summary>
    public MessageReader(ReadOnlySpan<byte> message, int offset = MessageHeader.Length)
    {
        _message = message;
        Offset = offset;
    }

    /// <summary>Where the next byte is read.</summary>
    public int Offset { get; private set; }

    /// <summary>True when every byte was read.</summary>
    public readonly bool AtEnd => Offset == _message.Length;

    /// <summary>Reads two bytes.</summary>
    public bool TryReadUInt16(out ushort value)
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(_message[Offset..], out value))
        {
            return false;
        }

        Offset += 2;
        return true;
    }

    /// <summary>Reads four bytes.</summary>
    public bool TryReadUInt32(out uint value)
    {
        if (!BinaryPrimitives.TryReadUInt32BigEndian(_message[Offset..], out value))
        {
            return false;
        }

        Offset += 4;
        return true;
    }

    /// <summary>
    /// Reads a name and follows compression (RFC 1035 §4.1.4). A pointer must lead to before the piece it ends, so
    /// that the work is bounded: no loop, no forward pointer, none into the header, 255 bytes at most.
    /// </summary>
    /// <param name="wire">Receives the uncompressed wire form; 255 bytes are always enough.</param>
    /// <param name="length">Bytes written, the root's zero included.</param>
    public bool TryReadName(scoped Span<byte> wire, out int length)
    {
        length = 0;
        var at = Offset;
        var pieceStart = at;
        var end = -1;
        while (at < _message.Length)
        {
            int first = _message[at];
            if (first <= Name.MaxLabelLength)
            {
                if (length + first + 1 > Name.MaxWireLength || length + first + 1 > wire.Length || at + first + 1 > _message.Length)
                {
                    return false;
                }

                _message.Slice(at, first + 1).CopyTo(wire[length..]);
                length += first + 1;
                at += first + 1;
                if (first == 0)
                {
                    Offset = end < 0 ? at : end;
                    return true;
                }

                continue;
            }

            if (first < 0xC0 || at + 1 >= _message.Length)
            {
                return false;
            }

            var target = ((first & 0x3F) << 8) | _message[at + 1];
            if (target >= pieceStart || target < MessageHeader.Length)
            {
                return false;
            }

            end = end < 0 ? at + 2 : end;
            at = pieceStart = target;
        }

        return false;
    }

    /// <summary>Reads a name into an object.</summary>
    public bool TryReadName(out Name? name)
    {
        Span<byte> wire = stackalloc byte[Name.MaxWireLength];
        var read = TryReadName(wire, out var length);
        name = read ? Name.Own(wire[..length].ToArray()) : null;
        return read;
    }

    /// <summary>Steps over a name without following its pointer.</summary>
    public bool TrySkipName()
    {
        for (var at = Offset; at < _message.Length; at += _message[at] + 1)
        {
            if (_message[at] == 0 || _message[at] >= 0xC0)
            {
                Offset = at + (_message[at] == 0 ? 1 : 2);
                return Offset <= _message.Length;
            }

            if (_message[at] > Name.MaxLabelLength)
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Reads a question.</summary>
    public bool TryReadQuestion(out Question? question)
    {
        question = null;
        if (!TryReadName(out var name) || !TryReadUInt16(out var type) || !TryReadUInt16(out var @class))
        {
            return false;
        }

        question = new Question(name!, (RecordType)type, (RecordClass)@class);
        return true;
    }

    /// <summary>Reads what follows a record's owner, and steps over the data.</summary>
    public bool TryReadRecordHeader(out RecordHeader header)
    {
        header = default;
        if (!TryReadUInt16(out var type) || !TryReadUInt16(out var @class) || !TryReadUInt32(out var ttl) || !TryReadUInt16(out var length)
            || Offset + length > _message.Length)
        {
            return false;
        }

        header = new RecordHeader((RecordType)type, (RecordClass)@class, ttl, Offset, length);
        Offset += length;
        return true;
    }

    /// <summary>The data of a record as it stands in the message.</summary>
    public readonly ReadOnlySpan<byte> RawData(RecordHeader header) => _message.Slice(header.DataOffset, header.DataLength);

    /// <summary>
    /// The data of a record with its names uncompressed; false when it is not what its type demands (RFC 3597 §4
    /// lists the types in which compression must be understood).
    /// </summary>
    public readonly bool TryReadData(RecordHeader header, out RData data)
    {
        data = default;
        var layout = RDataNames.Layout(header.Type);
        var raw = RawData(header);
        if (layout.IsEmpty)
        {
            data = new RData(raw.ToArray());
            return true;
        }

        Span<byte> plain = stackalloc byte[MaxDataWithNames];
        var end = header.DataOffset + header.DataLength;
        var part = new MessageReader(_message[..end], header.DataOffset);
        var length = 0;
        foreach (var step in layout)
        {
            if (step is RDataNames.Compressed or RDataNames.Plain)
            {
                if (!part.TryReadName(plain.Slice(length, Name.MaxWireLength), out var nameLength))
                {
                    return false;
                }

                length += nameLength;
                continue;
            }

            var count = step > 0 ? step : part.Offset < end ? _message[part.Offset] + 1 : end;
            if (part.Offset + count > end)
            {
                return false;
            }

            _message.Slice(part.Offset, count).CopyTo(plain[length..]);
            length += count;
            part.Offset += count;
        }

        data = new RData([.. plain[..length], .. _message[part.Offset..end]]);
        return true;
    }

    // NAPTR is the longest: four bytes, three character-strings and a name; the slack lets each name have its 255 bytes.
    private const int MaxDataWithNames = 4 + (3 * 256) + (2 * Name.MaxWireLength);
}

using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>One packet while it is written.</summary>
internal ref struct PacketWriter
{
    /// <summary>Bytes of a packet: Ethernet's 1500 without the headers of IPv6 and UDP (RFC 6762 §17).</summary>
    public const int UsualLength = 1452;

    // A single record that is longer than the usual packet goes alone, in fragments (RFC 6762 §17).
    private const int LongestLength = MulticastMessage.MaxLength - 48;

    private const ushort TopBit = 0x8000;

    private readonly byte[] _buffer = new byte[LongestLength];
    private MessageWriter _writer;
    private ushort _questions;

    public PacketWriter() => _writer = new MessageWriter(_buffer) { Limit = UsualLength };

    private bool IsEmpty => _writer.Position == MessageHeader.Length;

    /// <summary>Writes questions from one on, as many as fit; how many that were.</summary>
    public int Ask(IReadOnlyList<MulticastQuestion> questions, int from)
    {
        var next = from;
        while (next < questions.Count && TryAsk(questions[next]))
        {
            next++;
            _questions++;
        }

        return next - from;
    }

    /// <summary>Writes records from one on, as many as fit; how many that were. The first of an empty packet may be longer than usual.</summary>
    public int Tell(IReadOnlyList<MulticastRecord> records, int from = 0)
    {
        var next = from;
        while (next < records.Count && TryTell(records[next]))
        {
            next++;
        }

        return next - from;
    }

    /// <summary>The packet, with the header in front.</summary>
    public readonly byte[] Finish(ushort id, MessageFlags flags, int answers, int authority, int additional)
    {
        new MessageHeader(id, flags, Opcode.Query, Rcode.NoError, _questions, (ushort)answers, (ushort)authority, (ushort)additional).Write(_buffer);
        return _buffer[.._writer.Position];
    }

    private bool TryAsk(MulticastQuestion question)
    {
        var mark = _writer.Mark();
        if (_writer.TryWriteName(question.Name.Wire) && _writer.TryWriteUInt16((ushort)question.Type)
            && _writer.TryWriteUInt16((ushort)((ushort)RecordClass.IN | (question.UnicastResponse ? TopBit : 0))))
        {
            return true;
        }

        _writer.Rollback(mark);
        return false;
    }

    private bool TryTell(MulticastRecord record)
    {
        var mark = _writer.Mark();
        _writer.Limit = IsEmpty ? LongestLength : UsualLength;
        var @class = (RecordClass)((ushort)RecordClass.IN | (record.CacheFlush ? TopBit : 0));
        var written = _writer.TryWriteRecord(record.Owner.Wire, record.Type, @class, record.Ttl, record.Data.Wire);
        _writer.Limit = UsualLength;
        if (!written)
        {
            _writer.Rollback(mark);
        }

        return written;
    }
}

using System.Buffers;
using Edge.Dns.Nameserver;
using Edge.Dns.Wire;

namespace Edge.Dns.Transfer;

/// <summary>Packs the records of a transfer into as few messages as they fit (RFC 5936 §2.2), and sends each as it is full.</summary>
internal sealed class TransferWriter : IDisposable
{
    private readonly Exchange _exchange;
    private readonly byte[] _buffer;
    private int _length;
    private ushort _records;

    public TransferWriter(Exchange exchange)
    {
        _exchange = exchange;
        _buffer = ArrayPool<byte>.Shared.Rent(exchange.AnswerLimit + exchange.SignatureRoom);
    }

    /// <summary>Records sent and waiting to be sent.</summary>
    public long Count { get; private set; }

    /// <summary>Adds records, and sends what is full meanwhile.</summary>
    public async ValueTask AddAsync(IEnumerable<ResourceRecord> records, CancellationToken cancel)
    {
        using var rest = records.GetEnumerator();
        var more = rest.MoveNext();
        while (more)
        {
            more = Fill(rest);
            if (more)
            {
                await FlushAsync(cancel).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Sends what is left.</summary>
    public async ValueTask FlushAsync(CancellationToken cancel)
    {
        if (_records > 0)
        {
            await _exchange.SendAsync(_buffer, Close(), cancel).ConfigureAwait(false);
            (_length, _records) = (0, 0);
        }
    }

    /// <summary>The answer as one message; false when it is too long for one.</summary>
    public bool TryFillOne(IEnumerable<ResourceRecord> records)
    {
        using var rest = records.GetEnumerator();
        return rest.MoveNext() && !Fill(rest);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    // Adds records until one does not fit or none is left; whether one is left. A writer that begins behind others
    // knows nothing of their names: it is kept for the whole of one call.
    private bool Fill(IEnumerator<ResourceRecord> records)
    {
        var room = _exchange.AnswerLimit - (_exchange.Edns is null ? 0 : Edns.FixedLength);
        var writer = Open(room);
        do
        {
            var record = records.Current;
            var mark = writer.Mark();
            if (_records == ushort.MaxValue || !writer.TryWriteRecord(record.Owner.Wire, record.Type, RecordClass.IN, record.Ttl, record.Data.Wire))
            {
                writer.Rollback(mark);
                _length = writer.Position;
                return _records > 0 ? true : throw new InvalidOperationException($"{record.Owner} {record.Type} is too long for a message");
            }

            _records++;
            Count++;
        }
        while (records.MoveNext());
        _length = writer.Position;
        return false;
    }

    // The question stands in the first message; the others need none (RFC 5936 §2.2.1).
    private MessageWriter Open(int room)
    {
        if (_length > 0)
        {
            return new MessageWriter(_buffer, _length) { Limit = room };
        }

        var writer = new MessageWriter(_buffer) { Limit = room };
        if (_exchange.Sent == 0)
        {
            var question = _exchange.Question;
            _ = writer.TryWriteName(question.Name.Wire) && writer.TryWriteUInt16((ushort)question.Type) && writer.TryWriteUInt16((ushort)question.Class);
        }

        return writer;
    }

    private int Close()
    {
        var writer = new MessageWriter(_buffer, _length) { Limit = _exchange.AnswerLimit };
        if (_exchange.Edns is { } edns)
        {
            Edns.TryWrite(ref writer, Edns.SafePayloadSize, edns.DnssecOk, Rcode.NoError);
        }

        var questions = (ushort)(_exchange.Sent == 0 ? 1 : 0);
        var flags = MessageFlags.Response | MessageFlags.Authoritative;
        new MessageHeader(_exchange.Header.Id, flags, Opcode.Query, Rcode.NoError, questions, _records, 0, (ushort)(_exchange.Edns is null ? 0 : 1)).Write(_buffer);
        return writer.Position;
    }
}

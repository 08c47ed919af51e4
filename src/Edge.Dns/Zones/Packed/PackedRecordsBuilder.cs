using Edge.Dns.Wire;

namespace Edge.Dns.Zones.Packed;

/// <summary>Packs records one after the other. Records of one owner that follow each other share its bytes.</summary>
internal sealed class PackedRecordsBuilder
{
    private readonly ByteArena _bytes = new();
    private readonly SourceTable _sources = new();
    private PackedRecord[] _records;
    private int _owner = -1;

    /// <param name="expected">How many records there will probably be.</param>
    public PackedRecordsBuilder(int expected = 4) => _records = new PackedRecord[Math.Max(4, expected)];

    public int Count { get; private set; }

    /// <summary>Appends one record.</summary>
    /// <param name="owner">Its owner in wire form, case as written.</param>
    /// <param name="type">Its type.</param>
    /// <param name="ttl">Seconds.</param>
    /// <param name="data">Its data, uncompressed, at most 65535 bytes.</param>
    /// <param name="source">Where it came from.</param>
    public void Add(ReadOnlySpan<byte> owner, RecordType type, uint ttl, ReadOnlySpan<byte> data, RecordSource source)
    {
        if (_owner < 0 || !_bytes.Read(_owner, owner.Length).SequenceEqual(owner))
        {
            owner.CopyTo(_bytes.Append(owner.Length, out _owner));
        }

        RecordLayout.Write(_bytes.Append(RecordLayout.HeaderLength + data.Length, out var record), type, ttl, data);
        Note(record, source);
    }

    /// <summary>Appends a whole RRset, whose records then lie in one piece, all with the same TTL.</summary>
    public void AddSet(PackedRecords from, IReadOnlyList<int> records, uint ttl)
    {
        var owner = from.Owner(records[0]);
        owner.CopyTo(_bytes.Append(owner.Length, out _owner));
        var length = 0;
        foreach (var index in records)
        {
            length += from.Record(index).Length;
        }

        var room = _bytes.Append(length, out var at);
        foreach (var index in records)
        {
            var record = from.Record(index);
            RecordLayout.Write(room, RecordLayout.TypeOf(record), ttl, RecordLayout.DataOf(record));
            Note(at, from.Source(index));
            room = room[record.Length..];
            at += record.Length;
        }
    }

    /// <summary>Keeps a name that owns no record; gives its offset.</summary>
    public int AddName(ReadOnlySpan<byte> name)
    {
        name.CopyTo(_bytes.Append(name.Length, out var offset));
        return offset;
    }

    public PackedRecords Build()
    {
        // A few spare places do not matter; a quarter of a million do.
        if (_records.Length - Count > Count / 8)
        {
            Array.Resize(ref _records, Count);
        }

        return new PackedRecords(_bytes, _records, Count, _sources);
    }

    private void Note(int record, RecordSource source)
    {
        if (Count == _records.Length)
        {
            Array.Resize(ref _records, Count + (Count / 2) + 4);
        }

        _records[Count++] = new PackedRecord(_owner, record, _sources.Encode(source));
    }
}

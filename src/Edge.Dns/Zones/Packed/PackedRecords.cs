using System.Collections;
using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones.Packed;

/// <summary>
/// Records in the order they were declared, some fifty bytes each: a million of them are no million objects. Immutable;
/// a record is made an object when it is looked at.
/// </summary>
public sealed class PackedRecords : IReadOnlyList<ResourceRecord>
{
    private readonly ByteArena _bytes;
    private readonly PackedRecord[] _records;
    private readonly SourceTable _sources;

    internal PackedRecords(ByteArena bytes, PackedRecord[] records, int count, SourceTable sources) =>
        (_bytes, _records, Count, _sources) = (bytes, records, count, sources);

    /// <summary>How many records there are.</summary>
    public int Count { get; }

    /// <summary>The same number.</summary>
    public int Length => Count;

    /// <summary>One record, by its place in the order of declaration.</summary>
    public ResourceRecord this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count);
            return Make(index, OwnerName(index));
        }
    }

    /// <summary>Packs records.</summary>
    public static PackedRecords Of(IEnumerable<ResourceRecord> records)
    {
        if (records is PackedRecords packed)
        {
            return packed;
        }

        var builder = new PackedRecordsBuilder();
        foreach (var record in records)
        {
            builder.Add(record.Owner.Wire, record.Type, record.Ttl, record.Data.Wire, record.Source);
        }

        return builder.Build();
    }

    /// <inheritdoc/>
    public IEnumerator<ResourceRecord> GetEnumerator()
    {
        Name? owner = null;
        for (var i = 0; i < Count; i++)
        {
            owner = i > 0 && owner is not null && _records[i].Owner == _records[i - 1].Owner ? owner : OwnerName(i);
            yield return Make(i, owner);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal ByteArena Bytes => _bytes;

    internal ref readonly PackedRecord At(int index) => ref _records[index];

    internal ReadOnlySpan<byte> Owner(int index) => NameAt(_bytes, _records[index].Owner);

    /// <summary>The record as it stands behind a question.</summary>
    internal ReadOnlySpan<byte> Record(int index)
    {
        var rest = _bytes.Read(_records[index].Record, RecordLayout.HeaderLength + ushort.MaxValue);
        return rest[..RecordLayout.LengthOf(rest)];
    }

    internal RecordSource Source(int index) => _sources.Decode(_records[index].Source);

    internal static ReadOnlySpan<byte> NameAt(ByteArena bytes, int offset)
    {
        var rest = bytes.Read(offset, Name.MaxWireLength);
        return rest[..RDataNames.NameLength(rest)];
    }

    private Name OwnerName(int index) => Name.FromWire(Owner(index));

    private ResourceRecord Make(int index, Name owner)
    {
        var record = Record(index);
        return new ResourceRecord(owner, RecordLayout.TypeOf(record), RecordLayout.TtlOf(record), new RData(RecordLayout.DataOf(record).ToArray()), Source(index));
    }
}

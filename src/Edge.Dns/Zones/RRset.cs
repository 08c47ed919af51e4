using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones.Packed;

namespace Edge.Dns.Zones;

/// <summary>All records of one owner and type (RFC 2181 §5), as an object: for everything but the query path.</summary>
public sealed class RRset
{
    private readonly byte[] _records;
    private readonly PackedZone? _home;
    private readonly int _place;
    private SignedRecords? _signatures;

    internal RRset(Name owner, RecordType type, uint ttl, ImmutableArray<RData> data, ImmutableArray<RecordSource> sources)
    {
        (Owner, Type, Ttl, Data, Sources) = (owner, type, ttl, data, sources);
        _records = new byte[data.Sum(one => RecordLayout.HeaderLength + one.Wire.Length)];
        var room = _records.AsSpan();
        foreach (var one in data)
        {
            RecordLayout.Write(room, type, ttl, one.Wire);
            room = room[(RecordLayout.HeaderLength + one.Wire.Length)..];
        }
    }

    /// <summary>A set of a packed zone as an object; its signatures stay the zone's.</summary>
    internal RRset(Name owner, RecordType type, uint ttl, ImmutableArray<RData> data, ImmutableArray<RecordSource> sources, PackedZone home, int place)
        : this(owner, type, ttl, data, sources) => (_home, _place) = (home, place);

    /// <summary>The name it belongs to.</summary>
    public Name Owner { get; }

    /// <summary>Its type.</summary>
    public RecordType Type { get; }

    /// <summary>Seconds: the smallest TTL of its records, since all records of a set share one (RFC 2181 §5.2).</summary>
    public uint Ttl { get; }

    /// <summary>The data of each record, uncompressed, without duplicates (RFC 2181 §5.1), in the order declared.</summary>
    public ImmutableArray<RData> Data { get; }

    /// <summary>Where each record of <see cref="Data"/> came from.</summary>
    public ImmutableArray<RecordSource> Sources { get; }

    /// <summary>Where the first of its records came from.</summary>
    public RecordSource Source => Sources.IsEmpty ? default : Sources[0];

    /// <summary>The set as single records.</summary>
    public IEnumerable<ResourceRecord> Records =>
        Enumerable.Range(0, Data.Length).Select(i => new ResourceRecord(Owner, Type, Ttl, Data[i], Sources[i]));

    /// <summary>The signatures kept for it; null when there are none.</summary>
    internal SignedRecords? Signatures
    {
        get => _home is null ? Volatile.Read(ref _signatures) : _home.Signatures(_place);
        set
        {
            if (_home is null)
            {
                Volatile.Write(ref _signatures, value);
            }
            else
            {
                _home.Keep(_place, value!);
            }
        }
    }

    /// <summary>The set as the query path reads it.</summary>
    internal WireRRset Wire => new(_records, 0, _records.Length, Type, Data.Length, this, 0);

    /// <summary>One set of records that all have the same owner and type, without duplicates, with the smallest TTL of them.</summary>
    internal static RRset Of(IReadOnlyList<ResourceRecord> records)
    {
        var distinct = records.DistinctBy(record => record.Data).ToList();
        return new RRset(
            records[0].Owner,
            records[0].Type,
            records.Min(record => record.Ttl),
            [.. distinct.Select(record => record.Data)],
            [.. distinct.Select(record => record.Source)]);
    }

    /// <summary>Whether an answer from the other set would be the same: where records came from does not matter, their order does not either.</summary>
    internal bool SaysTheSame(RRset other) =>
        Type == other.Type && Ttl == other.Ttl && Data.Length == other.Data.Length && Owner.Wire.SequenceEqual(other.Owner.Wire)
        && (Data.AsSpan().SequenceEqual(other.Data.AsSpan()) || Data.ToHashSet().SetEquals(other.Data));
}

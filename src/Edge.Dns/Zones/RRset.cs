using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>All records of one owner and type (RFC 2181 §5).</summary>
public sealed class RRset
{
    private SignedRecords? _signatures;

    internal RRset(Name owner, RecordType type, uint ttl, ImmutableArray<RData> data, ImmutableArray<RecordSource> sources)
    {
        Owner = owner;
        Type = type;
        Ttl = ttl;
        Data = data;
        Sources = sources;
        BehindQuestion = RDataNames.Layout(type).IsEmpty ? Prebuild(type, ttl, data) : null;
    }

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
        get => Volatile.Read(ref _signatures);
        set => Volatile.Write(ref _signatures, value);
    }

    /// <summary>
    /// The records as they stand in an answer whose question is their owner, each beginning with a pointer to
    /// offset 12; null for types whose names are compressed.
    /// </summary>
    internal byte[]? BehindQuestion { get; }

    /// <summary>Address RRsets of the names in the data, for the additional section.</summary>
    internal RRset[] Additional { get; set; } = [];

    /// <summary>How many of <see cref="Additional"/>, from the first on, a referral must not go without (RFC 9471 §3.1).</summary>
    internal int RequiredAdditional { get; set; }

    private static byte[] Prebuild(RecordType type, uint ttl, ImmutableArray<RData> data)
    {
        var wire = new byte[data.Sum(one => 12 + one.Wire.Length)];
        var writer = new MessageWriter(wire, position: 0);
        foreach (var one in data)
        {
            writer.TryWriteRecord(MessageHeader.Length, type, RecordClass.IN, ttl, one.Wire);
        }

        return wire;
    }
}

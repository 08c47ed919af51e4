using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones.Packed;

namespace Edge.Dns.Zones;

/// <summary>An RRset as bytes, without an object of its own: what the query path reads. Its home says the rest.</summary>
internal readonly struct WireRRset
{
    private readonly byte[] _bytes;
    private readonly int _start;
    private readonly int _length;
    private readonly object _home;
    private readonly int _place;

    /// <param name="bytes">Where its records lie, each as it stands behind a question.</param>
    /// <param name="start">Where the first one begins.</param>
    /// <param name="length">Bytes of all of them.</param>
    /// <param name="type">Their type.</param>
    /// <param name="count">Their number.</param>
    /// <param name="home">The packed zone or the <see cref="RRset"/> it belongs to.</param>
    /// <param name="place">Its place in a packed zone.</param>
    public WireRRset(byte[] bytes, int start, int length, RecordType type, int count, object home, int place)
    {
        (_bytes, _start, _length, Type, Count, _home, _place) = (bytes, start, length, type, count, home, place);
    }

    public RecordType Type { get; }

    /// <summary>Number of records, at least one; 0 only for the default value.</summary>
    public int Count { get; }

    public bool IsEmpty => Count == 0;

    /// <summary>The records one after the other, each beginning with a pointer to offset 12.</summary>
    public ReadOnlySpan<byte> Records => _bytes.AsSpan(_start, _length);

    public uint Ttl => RecordLayout.TtlOf(Records);

    /// <summary>The data of the first record.</summary>
    public ReadOnlySpan<byte> FirstData => RecordLayout.DataOf(Records);

    /// <summary>The object that its bytes lie in: another one when they are other bytes.</summary>
    public object Store => _bytes;

    /// <summary>The signatures kept for it; null when there are none.</summary>
    public SignedRecords? Signatures => _home is PackedZone packed ? packed.Signatures(_place) : ((RRset)_home).Signatures;

    /// <summary>Takes the next record off a walk over <see cref="Records"/>; false at its end.</summary>
    public static bool TryNext(ref ReadOnlySpan<byte> walk, out ReadOnlySpan<byte> data)
    {
        if (walk.IsEmpty)
        {
            data = default;
            return false;
        }

        data = RecordLayout.DataOf(walk);
        walk = walk[(RecordLayout.HeaderLength + data.Length)..];
        return true;
    }

    /// <summary>Whether both are the very same set of the same zone, not only equal ones.</summary>
    public bool IsSame(in WireRRset other) => ReferenceEquals(_bytes, other._bytes) && _start == other._start;

    /// <summary>Keeps signatures for it.</summary>
    public void Keep(SignedRecords signatures)
    {
        if (_home is PackedZone packed)
        {
            packed.Keep(_place, signatures);
        }
        else
        {
            ((RRset)_home).Signatures = signatures;
        }
    }

    /// <summary>As an object, for everything but the query path.</summary>
    public RRset ToRRset(Name owner)
    {
        if (_home is RRset set && set.Owner == owner)
        {
            return set;
        }

        var data = ImmutableArray.CreateBuilder<RData>(Count);
        var sources = ImmutableArray.CreateBuilder<RecordSource>(Count);
        var walk = Records;
        while (TryNext(ref walk, out var one))
        {
            sources.Add(Source(data.Count));
            data.Add(new RData(one.ToArray()));
        }

        return _home is PackedZone packed
            ? new RRset(owner, Type, Ttl, data.MoveToImmutable(), sources.MoveToImmutable(), packed, _place)
            : new RRset(owner, Type, Ttl, data.MoveToImmutable(), sources.MoveToImmutable());
    }

    private RecordSource Source(int record) => _home is PackedZone packed ? packed.SourceOf(_place, record) : ((RRset)_home).Sources[record];
}

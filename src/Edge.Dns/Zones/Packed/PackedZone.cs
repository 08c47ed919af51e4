using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones.Packed;

/// <summary>
/// The records of one declaration by owner and type: an open-addressing table of owners over the packed records. What a
/// view or an update changes is laid over it, so that one packed zone serves all views.
/// </summary>
internal sealed class PackedZone
{
    private readonly NodeEntry[] _nodes;
    private readonly SetEntry[] _sets;
    private readonly NodeSlot[] _slots;
    private readonly PackedRecords _regrouped;
    private SignedRecords?[]? _signatures;
    private ulong? _digest;

    public PackedZone(Name origin, PackedRecords records, PackedRecords regrouped, NodeEntry[] nodes, int nodeCount, SetEntry[] sets, NodeSlot[] slots)
    {
        (Origin, Records, _regrouped, _nodes, NodeCount, _sets, _slots) = (origin, records, regrouped, nodes, nodeCount, sets, slots);
        foreach (ref readonly var node in nodes.AsSpan(0, nodeCount))
        {
            SetCount += node.Sets;
            HandingAway += (node.Flags & (NodeFlags.Cut | NodeFlags.Dname)) != 0 ? 1 : 0;
        }
    }

    public Name Origin { get; }

    /// <summary>The records as declared.</summary>
    public PackedRecords Records { get; }

    /// <summary>Owners and empty non-terminals; the apex is number 0.</summary>
    public int NodeCount { get; }

    public int SetCount { get; }

    /// <summary>Owners that hand the names below them away: cuts and DNAMEs.</summary>
    public int HandingAway { get; }

    /// <summary>The sum of the digests of all sets; worked out when first asked for, by the one writer.</summary>
    public ulong Digest => _digest ??= ZoneDigest.Of(this);

    /// <summary>RRsets that were not declared consistently.</summary>
    public ImmutableArray<Oddity> Oddities { get; init; } = [];

    /// <summary>The numbers of the nodes that have an ALIAS.</summary>
    public ImmutableArray<int> Aliases { get; init; } = [];

    public ref readonly NodeEntry Node(int node) => ref _nodes[node];

    public ReadOnlySpan<byte> OwnerOf(int node)
    {
        var offset = _nodes[node].Owner;
        return offset >= 0 ? PackedRecords.NameAt(Records.Bytes, offset) : PackedRecords.NameAt(_regrouped.Bytes, ~offset);
    }

    /// <summary>The number of a name's node; -1 when it has none.</summary>
    public int Find(int hash, ReadOnlySpan<byte> wire)
    {
        var mask = _slots.Length - 1;
        for (var at = hash & mask; ; at = (at + 1) & mask)
        {
            ref readonly var slot = ref _slots[at];
            if (slot.Node == 0)
            {
                return -1;
            }

            if (slot.Hash == hash && IsOwner(slot.Node - 1, wire))
            {
                return slot.Node - 1;
            }
        }
    }

    /// <summary>The set at a place among all sets.</summary>
    public WireRRset Set(int place)
    {
        var set = _sets[place];
        var records = set.First < 0 ? _regrouped : Records;
        var first = set.First < 0 ? ~set.First : set.First;
        var start = records.At(first).Record;
        var last = set.Count == 1 ? start : records.At(first + set.Count - 1).Record;
        var block = records.Bytes.Block(start);
        var length = last - start + RecordLayout.LengthOf(block.AsSpan(ByteArena.Place(last)));
        return new WireRRset(block, ByteArena.Place(start), length, set.Type, set.Count, this, place);
    }

    public RecordType TypeOf(int place) => _sets[place].Type;

    /// <summary>Where one record of a set came from.</summary>
    public RecordSource SourceOf(int place, int record)
    {
        var first = _sets[place].First;
        return first >= 0 ? Records.Source(first + record) : _regrouped.Source(~first + record);
    }

    /// <summary>The signatures kept for a set; null when there are none yet.</summary>
    public SignedRecords? Signatures(int place) => _signatures is { } all ? Volatile.Read(ref all[place]) : null;

    /// <summary>Keeps signatures; of two threads that made them at once the last one's stay.</summary>
    public void Keep(int place, SignedRecords signatures)
    {
        if (_signatures is null)
        {
            Interlocked.CompareExchange(ref _signatures, new SignedRecords?[_sets.Length], null);
        }

        Volatile.Write(ref _signatures[place], signatures);
    }

    private bool IsOwner(int node, ReadOnlySpan<byte> wire)
    {
        var offset = _nodes[node].Owner;
        var owner = offset >= 0 ? Records.Bytes.Read(offset, wire.Length) : _regrouped.Bytes.Read(~offset, wire.Length);
        // A name ends itself, so as many equal bytes as the other name has are the same name.
        return NameComparison.Equal(owner, wire);
    }
}

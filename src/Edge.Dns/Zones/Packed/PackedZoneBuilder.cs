using System.Collections.Immutable;
using System.Numerics;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones.Packed;

/// <summary>
/// Makes of declared records the owners and RRsets that lookups need. Records of an RRset that stand together in the
/// file stay where they are; others are copied into one piece, without duplicates and with one TTL (RFC 2181 §5).
/// </summary>
internal sealed class PackedZoneBuilder
{
    // Beyond so many records of a set, looking for duplicates one by one is too slow.
    private const int FewRecords = 16;

    private readonly Name _origin;
    private readonly PackedRecords _records;
    private readonly HashSet<int> _scattered = [];
    private readonly HashSet<int> _aliases = [];
    private NodeEntry[] _nodes;
    private int _nodeCount;
    private SetEntry[] _sets;
    private int _setCount;
    private NodeSlot[] _slots;
    private int _current = -1;
    private int _lastParent;

    private PackedZoneBuilder(Name origin, PackedRecords records)
    {
        (_origin, _records) = (origin, records);
        var runs = 2;
        for (var i = 1; i < records.Count; i++)
        {
            runs += records.At(i).Owner != records.At(i - 1).Owner ? 1 : 0;
        }

        _nodes = new NodeEntry[runs];
        _sets = new SetEntry[runs];
        _slots = new NodeSlot[BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, runs * 2))];
    }

    public static PackedZone Build(Name origin, PackedRecords records) => new PackedZoneBuilder(origin, records).Build();

    private PackedZone Build()
    {
        var extra = new PackedRecordsBuilder();
        Create(_origin.Wire, _origin.GetHashCode(), ~extra.AddName(_origin.Wire), parent: -1);
        var node = -1;
        for (var i = 0; i < _records.Count; i++)
        {
            if (i == 0 || _records.At(i).Owner != _records.At(i - 1).Owner)
            {
                node = NodeAt(_records.Owner(i), _records.At(i).Owner);
            }

            Take(node, i);
        }

        var oddities = Regroup(extra);
        Trim(ref _nodes, _nodeCount);
        Trim(ref _sets, _setCount);
        return new PackedZone(_origin, _records, extra.Build(), _nodes, _nodeCount, _sets, _slots) { Oddities = oddities, Aliases = [.. _aliases] };
    }

    // Copying a large array to save a few places costs more than the places.
    private static void Trim<T>(ref T[] array, int used)
    {
        if (array.Length - used > used / 8)
        {
            Array.Resize(ref array, used);
        }
    }

    private int NodeAt(ReadOnlySpan<byte> wire, int offset)
    {
        var hash = NameComparison.Hash(wire);
        var node = Find(hash, wire);
        if (node >= 0)
        {
            return node;
        }

        if (!NameComparison.IsAtOrBelow(wire, _origin.Wire))
        {
            return Create(wire, hash, offset, parent: -1);
        }

        var step = wire[0] + 1;
        return Create(wire, hash, offset, ParentAt(wire[step..], offset + step));
    }

    // Most owners of a zone are siblings.
    private int ParentAt(ReadOnlySpan<byte> wire, int offset)
    {
        if (!OwnerOf(_lastParent).SequenceEqual(wire))
        {
            _lastParent = NodeAt(wire, offset);
        }

        return _lastParent;
    }

    private int Create(ReadOnlySpan<byte> wire, int hash, int offset, int parent)
    {
        if (_nodeCount == _nodes.Length)
        {
            Array.Resize(ref _nodes, _nodeCount + (_nodeCount / 2) + 2);
        }

        if (_nodeCount * 2 >= _slots.Length)
        {
            Widen();
        }

        var node = _nodeCount++;
        _nodes[node] = new NodeEntry { Owner = offset, Flags = parent < 0 && node > 0 ? NodeFlags.Outside : NodeFlags.None };
        Place(new NodeSlot(hash, node + 1));
        if (parent >= 0)
        {
            _nodes[parent].Children++;
            _nodes[parent].Flags |= wire is [1, (byte)'*', ..] ? NodeFlags.HasWildcard : NodeFlags.None;
        }

        return node;
    }

    private void Widen()
    {
        var old = _slots;
        _slots = new NodeSlot[old.Length * 2];
        foreach (var slot in old)
        {
            if (slot.Node != 0)
            {
                Place(slot);
            }
        }
    }

    private void Place(NodeSlot slot)
    {
        var mask = _slots.Length - 1;
        var at = slot.Hash & mask;
        while (_slots[at].Node != 0)
        {
            at = (at + 1) & mask;
        }

        _slots[at] = slot;
    }

    private int Find(int hash, ReadOnlySpan<byte> wire)
    {
        var mask = _slots.Length - 1;
        for (var at = hash & mask; _slots[at].Node != 0; at = (at + 1) & mask)
        {
            if (_slots[at].Hash == hash && NameComparison.Equal(OwnerOf(_slots[at].Node - 1), wire))
            {
                return _slots[at].Node - 1;
            }
        }

        return -1;
    }

    // The apex lies in front: its name is the origin's, and its place among the extra bytes is not needed here.
    private ReadOnlySpan<byte> OwnerOf(int node) => node == 0 ? _origin.Wire : PackedRecords.NameAt(_records.Bytes, _nodes[node].Owner);

    private void Take(int node, int record)
    {
        var type = RecordLayout.TypeOf(_records.Record(record));
        ref var entry = ref _nodes[node];
        if (node != _current && entry.Sets > 0)
        {
            _scattered.Add(node);
        }
        else if (node == _current && entry.Sets > 0 && _sets[_setCount - 1].Type == type)
        {
            if (!TryExtend(record))
            {
                _scattered.Add(node);
            }
        }
        else if (HasType(entry, type))
        {
            _scattered.Add(node);
        }
        else
        {
            _current = node;
            entry.FirstSet = entry.Sets == 0 ? _setCount : entry.FirstSet;
            Append(node, new SetEntry(record, 1, type));
        }
    }

    private void Append(int node, SetEntry set)
    {
        if (_setCount == _sets.Length)
        {
            Array.Resize(ref _sets, _setCount + (_setCount / 2) + 2);
        }

        _sets[_setCount++] = set;
        ref var entry = ref _nodes[node];
        entry.Sets++;
        if (set.Type == RecordType.ALIAS)
        {
            _aliases.Add(node);
        }
        else if (set.Type == RecordType.DNAME)
        {
            entry.Flags |= NodeFlags.Dname;
        }
        else if (set.Type == RecordType.NS && node != 0 && OwnerOf(node) is not [1, (byte)'*', ..] && (entry.Flags & NodeFlags.Outside) == 0)
        {
            entry.Flags |= NodeFlags.Cut;
        }
    }

    private bool HasType(in NodeEntry entry, RecordType type)
    {
        for (var i = 0; i < entry.Sets; i++)
        {
            if (_sets[entry.FirstSet + i].Type == type)
            {
                return true;
            }
        }

        return false;
    }

    // Another record of the last set: it must lie right behind it, with the same TTL, and be a new one.
    private bool TryExtend(int record)
    {
        ref var set = ref _sets[_setCount - 1];
        var before = _records.Record(record - 1);
        var (at, last) = (_records.At(record).Record, _records.At(record - 1).Record);
        var bytes = _records.Record(record);
        if (set.Count >= FewRecords || at != last + before.Length || !ByteArena.AreTogether(at, last) || RecordLayout.TtlOf(bytes) != RecordLayout.TtlOf(before))
        {
            return false;
        }

        for (var i = set.First; i < record; i++)
        {
            if (_records.Record(i).SequenceEqual(bytes))
            {
                return false;
            }
        }

        set = set with { Count = set.Count + 1 };
        return true;
    }

    private ImmutableArray<Oddity> Regroup(PackedRecordsBuilder extra)
    {
        if (_scattered.Count == 0)
        {
            return [];
        }

        var byNode = _scattered.ToDictionary(node => node, _ => new List<int>());
        for (var i = 0; i < _records.Count; i++)
        {
            var owner = _records.Owner(i);
            if (byNode.TryGetValue(Find(NameComparison.Hash(owner), owner), out var records))
            {
                records.Add(i);
            }
        }

        var oddities = ImmutableArray.CreateBuilder<Oddity>();
        foreach (var (node, records) in byNode)
        {
            (_nodes[node].FirstSet, _nodes[node].Sets) = (_setCount, 0);
            foreach (var set in records.GroupBy(record => RecordLayout.TypeOf(_records.Record(record))))
            {
                Append(node, Regroup([.. set], extra, oddities));
            }
        }

        return oddities.ToImmutable();
    }

    private SetEntry Regroup(List<int> all, PackedRecordsBuilder extra, ImmutableArray<Oddity>.Builder oddities)
    {
        var seen = new HashSet<RData>(all.Count);
        var distinct = all.FindAll(record => seen.Add(new RData(RecordLayout.DataOf(_records.Record(record)).ToArray())));
        var ttls = all.ConvertAll(record => RecordLayout.TtlOf(_records.Record(record)));
        var length = 0;
        var served = distinct.FindAll(record => (length += _records.Record(record).Length) <= ByteArena.LongestPiece);
        if (served.Count < all.Count || ttls.Min() != ttls.Max())
        {
            oddities.Add(new Oddity([.. all.Select(record => _records[record])], served.Count, distinct.Count));
        }

        var set = new SetEntry(~extra.Count, served.Count, RecordLayout.TypeOf(_records.Record(all[0])));
        extra.AddSet(_records, served, ttls.Min());
        return set;
    }
}

using System.Numerics;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>
/// Owners that differ from the packed zone, by name. Immutable: a change copies one of 256 small tables, whatever the
/// others hold, and what did not change is shared with the version before.
/// </summary>
internal sealed class NodeMap
{
    public static readonly NodeMap Empty = new(new OverlaidNode?[Shards][], 0);

    private const int Shards = 256;

    private readonly OverlaidNode?[]?[] _shards;

    private NodeMap(OverlaidNode?[]?[] shards, int count) => (_shards, Count) = (shards, count);

    public int Count { get; }

    public IEnumerable<OverlaidNode> Nodes => _shards.Where(shard => shard is not null).SelectMany(shard => shard!).OfType<OverlaidNode>();

    public OverlaidNode? Find(int hash, ReadOnlySpan<byte> wire)
    {
        if (_shards[(uint)hash >> 24] is not { } shard)
        {
            return null;
        }

        var mask = shard.Length - 1;
        for (var at = hash & mask; shard[at] is { } node; at = (at + 1) & mask)
        {
            if (node.Owner.GetHashCode() == hash && NameComparison.Equal(node.Owner.Wire, wire))
            {
                return node;
            }
        }

        return null;
    }

    /// <summary>A map with other nodes at some names.</summary>
    /// <param name="edits">The node of each name; null takes the name out.</param>
    public NodeMap With(IReadOnlyDictionary<Name, OverlaidNode?> edits)
    {
        if (edits.Count == 0)
        {
            return this;
        }

        var shards = _shards.AsSpan().ToArray();
        var count = Count;
        foreach (var shard in edits.GroupBy(edit => (uint)edit.Key.GetHashCode() >> 24))
        {
            var kept = shards[shard.Key]?.OfType<OverlaidNode>().Where(node => !edits.ContainsKey(node.Owner)).ToList() ?? [];
            count -= shards[shard.Key]?.Count(node => node is not null) ?? 0;
            kept.AddRange(shard.Select(edit => edit.Value).OfType<OverlaidNode>());
            count += kept.Count;
            shards[shard.Key] = kept.Count == 0 ? null : Table(kept);
        }

        return new NodeMap(shards, count);
    }

    /// <summary>Every name at which two maps do not hold the same node.</summary>
    public static IEnumerable<Name> Differing(NodeMap a, NodeMap b)
    {
        for (var i = 0; i < Shards; i++)
        {
            if (ReferenceEquals(a._shards[i], b._shards[i]))
            {
                continue;
            }

            var nodes = (a._shards[i] ?? []).OfType<OverlaidNode>().ToDictionary(node => node.Owner);
            foreach (var node in (b._shards[i] ?? []).OfType<OverlaidNode>())
            {
                if (!nodes.Remove(node.Owner, out var other) || !ReferenceEquals(node, other))
                {
                    yield return node.Owner;
                }
            }

            foreach (var owner in nodes.Keys)
            {
                yield return owner;
            }
        }
    }

    private static OverlaidNode?[] Table(List<OverlaidNode> nodes)
    {
        var table = new OverlaidNode?[BitOperations.RoundUpToPowerOf2((uint)nodes.Count * 2)];
        foreach (var node in nodes)
        {
            var at = node.Owner.GetHashCode() & (table.Length - 1);
            while (table[at] is not null)
            {
                at = (at + 1) & (table.Length - 1);
            }

            table[at] = node;
        }

        return table;
    }
}

using System.Numerics;
using Edge.Dns.Snapshots;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>
/// Owners that differ from the packed zone, by name. Immutable: a change copies one of many small tables, whatever the
/// others hold, and what did not change is shared with the version before.
/// </summary>
internal sealed class NodeMap
{
    public static readonly NodeMap Empty = new(SmallTables<OverlaidNode?[]>.Empty, 0);

    private readonly SmallTables<OverlaidNode?[]> _tables;

    private NodeMap(SmallTables<OverlaidNode?[]> tables, int count) => (_tables, Count) = (tables, count);

    public int Count { get; }

    public IEnumerable<OverlaidNode> Nodes => _tables.All.SelectMany(static table => table ?? []).OfType<OverlaidNode>();

    public OverlaidNode? Find(int hash, ReadOnlySpan<byte> wire)
    {
        if (_tables[TableOf(hash)] is not { } table)
        {
            return null;
        }

        var mask = table.Length - 1;
        for (var at = hash & mask; table[at] is { } node; at = (at + 1) & mask)
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

        var (tables, count) = (new Dictionary<int, OverlaidNode?[]?>(), Count);
        foreach (var table in edits.GroupBy(static edit => TableOf(edit.Key.GetHashCode())))
        {
            List<OverlaidNode> before = [.. (_tables[table.Key] ?? []).OfType<OverlaidNode>()];
            List<OverlaidNode> after = [.. before.Where(node => !edits.ContainsKey(node.Owner)), .. table.Select(static edit => edit.Value).OfType<OverlaidNode>()];
            count += after.Count - before.Count;
            tables.Add(table.Key, after.Count == 0 ? null : Table(after));
        }

        return new NodeMap(_tables.With(tables), count);
    }

    /// <summary>Every name at which two maps do not hold the same node.</summary>
    public static IEnumerable<Name> Differing(NodeMap a, NodeMap b)
    {
        foreach (var number in SmallTables<OverlaidNode?[]>.Differing(a._tables, b._tables))
        {
            var nodes = (a._tables[number] ?? []).OfType<OverlaidNode>().ToDictionary(node => node.Owner);
            foreach (var node in (b._tables[number] ?? []).OfType<OverlaidNode>())
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

    private static int TableOf(int hash) => SmallTables<OverlaidNode?[]>.NumberOf((uint)hash);

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

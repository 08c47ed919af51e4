using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>What one version of a zone has that another has not, record by record: the content of an IXFR (RFC 1995 §4).</summary>
/// <param name="Removed">Records of the older version only; its SOA is the first.</param>
/// <param name="Added">Records of the newer version only; its SOA is the first.</param>
public sealed record ZoneDifference(ImmutableArray<ResourceRecord> Removed, ImmutableArray<ResourceRecord> Added)
{
    /// <summary>
    /// Compares two versions of the same zone. Versions that were made one from the other are compared at the owners in
    /// which they differ, all others as a whole.
    /// </summary>
    public static ZoneDifference Between(Zone before, Zone after)
    {
        var removed = new List<ResourceRecord>();
        var added = new List<ResourceRecord>();
        foreach (var owner in Differing(before, after))
        {
            var old = Records(before, owner);
            var now = Records(after, owner);
            removed.AddRange(old.Where(one => !now.ContainsKey(one.Key)).Select(one => one.Value));
            added.AddRange(now.Where(one => !old.ContainsKey(one.Key)).Select(one => one.Value));
        }

        return new ZoneDifference([.. removed.OrderBy(NotSoa)], [.. added.OrderBy(NotSoa)]);
    }

    /// <summary>Whether two versions say the same but for their serials.</summary>
    internal static bool IsSame(Zone before, Zone after) =>
        before.RRsetCount == after.RRsetCount && Differing(before, after).All(owner => IsSame(SetsAt(before, owner), SetsAt(after, owner)));

    /// <summary>Whether two lists of sets of one owner say the same but for the serial of a SOA.</summary>
    internal static bool IsSame(IReadOnlyCollection<RRset> before, IReadOnlyCollection<RRset> after) =>
        before.Count == after.Count && before.All(old => after.FirstOrDefault(now => now.Type == old.Type) is { } now && (old.Type == RecordType.SOA
            ? old.Ttl == now.Ttl && SerialArithmetic.With(old.Data[0], 0) == SerialArithmetic.With(now.Data[0], 0)
            : old.SaysTheSame(now)));

    private static IEnumerable<Name> Differing(Zone before, Zone after)
    {
        if (ReferenceEquals(before.Packed, after.Packed))
        {
            return NodeMap.Differing(before.Overlaid, after.Overlaid);
        }

        return after.Nodes.Where(node => !IsAlike(node, before)).Select(node => node.Owner)
            .Concat(before.Nodes.Where(node => !after.TryFind(NameComparison.Hash(node.OwnerWire), node.OwnerWire, out _)).Select(node => node.Owner));
    }

    // Equal bytes are the usual case when a large file was read again; only what is not equal is looked at closely.
    private static bool IsAlike(ZoneNode node, Zone other)
    {
        if (!other.TryFind(NameComparison.Hash(node.OwnerWire), node.OwnerWire, out var twin))
        {
            return node.SetCount == 0;
        }

        if (twin.SetCount != node.SetCount)
        {
            return false;
        }

        for (var i = 0; i < node.SetCount; i++)
        {
            if (!twin.TryFind(node.TypeOf(i), out var set) || !set.Records.SequenceEqual(node.Set(i).Records))
            {
                return false;
            }
        }

        return true;
    }

    private static List<RRset> SetsAt(Zone zone, Name owner) => zone.TryFind(owner.GetHashCode(), owner.Wire, out var node) ? node.RRsets() : [];

    private static Dictionary<(RecordType, uint, RData), ResourceRecord> Records(Zone zone, Name owner) =>
        SetsAt(zone, owner).SelectMany(set => set.Records).ToDictionary(record => (record.Type, record.Ttl, record.Data));

    private static bool NotSoa(ResourceRecord record) => record.Type != RecordType.SOA;
}

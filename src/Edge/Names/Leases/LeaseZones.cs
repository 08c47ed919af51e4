using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Names.Leases;

/// <summary>The zones that names of leases stand in where nobody else declares one: those of the addresses, and the domain if it is no part of ours.</summary>
/// <param name="node">The name of this box.</param>
/// <param name="domain">The domain of this box, which has a zone in any case.</param>
internal sealed class LeaseZones(Name node, Name domain)
{
    /// <summary>No house has more networks; what tells its clients so is wrong or hostile.</summary>
    public const int MostZones = 1000;

    /// <param name="claims">The names there are.</param>
    /// <param name="others">Zones that others declare.</param>
    /// <param name="before">The zones of last time, which stay the same objects.</param>
    public ImmutableArray<DeclaredZone> Of(IReadOnlyList<LeaseClaim> claims, IEnumerable<DeclaredZone> others, ImmutableArray<DeclaredZone> before)
    {
        var origins = new HashSet<Name>();
        foreach (var claim in claims)
        {
            foreach (var holder in claim.Holders)
            {
                origins.Add(holder.Domain);
                origins.Add(holder.Zone);
            }
        }

        var declared = others.Where(zone => zone.View is null or ViewOptions.Lan).Select(zone => zone.Origin).Append(domain).ToHashSet();
        origins.RemoveWhere(origin => IsCovered(origin, declared));
        var known = before.ToDictionary(zone => zone.Origin);
        return [.. origins.Order().Take(MostZones).Select(origin => known.GetValueOrDefault(origin) ?? new DeclaredZone(origin, ViewOptions.Lan, Apex(origin)))];
    }

    private static bool IsCovered(Name? origin, HashSet<Name> declared)
    {
        for (; origin is not null; origin = origin.Parent)
        {
            if (declared.Contains(origin))
            {
                return true;
            }
        }

        return false;
    }

    private ImmutableArray<ResourceRecord> Apex(Name origin)
    {
        var source = new RecordSource("edge.yaml: dns.leases");
        var soa = RData.Soa(node, node.Prepend("hostmaster"), serial: 1, refresh: 7200, retry: 900, expire: 1_209_600, minimum: LeaseClaim.Ttl);
        return
        [
            new ResourceRecord(origin, RecordType.SOA, 3600, soa, source),
            new ResourceRecord(origin, RecordType.NS, 3600, RData.Target(node), source),
        ];
    }
}

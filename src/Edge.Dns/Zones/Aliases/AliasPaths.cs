using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones.Aliases;

/// <summary>
/// Follows ALIAS records through the zones of their view. Other ALIAS records on the way are followed as well, instead
/// of taking the addresses they have got: in a circle these would keep each other alive for ever.
/// </summary>
internal sealed class AliasPaths(ZoneSet zones)
{
    private const int MaxSteps = 16;

    private readonly Dictionary<(string View, Name Zone, Name Owner), ZoneAlias> _aliases = zones.Aliases.ToDictionary(alias => (alias.View, alias.Zone, alias.Owner));

    /// <summary>Where the addresses of one family are.</summary>
    public AliasEnd Follow(ZoneAlias alias, RecordType type)
    {
        var view = zones.IndexOf(alias.View);
        var (name, ttl) = (alias.Target, alias.Ttl);
        for (var step = 0; step < MaxSteps; step++)
        {
            if (zones.Find(view, name.Wire) is not { } zone)
            {
                return new AliasEnd(name, [], ttl);
            }

            var found = zone.Explain(name, type);
            if (found.Kind == LookupKind.Delegation)
            {
                return new AliasEnd(name, [], ttl);
            }

            if (found.Kind is LookupKind.Cname or LookupKind.Dname)
            {
                ttl = Math.Min(ttl, found.RRsets[0].Ttl);
                if (Next(found, name) is not { } next)
                {
                    return AliasEnd.Nowhere;
                }

                name = next;
            }
            else if (found.Kind != LookupKind.NxDomain && _aliases.TryGetValue((alias.View, found.Zone, found.Owner), out var further))
            {
                (name, ttl) = (further.Target, Math.Min(ttl, further.Ttl));
            }
            else
            {
                return found.RRsets.IsEmpty ? new AliasEnd(null, [], ttl) : new AliasEnd(null, found.RRsets[0].Data, Math.Min(ttl, found.RRsets[0].Ttl));
            }
        }

        return AliasEnd.Nowhere;
    }

    private static Name? Next(ZoneExplanation found, Name name)
    {
        var target = found.RRsets[0].Data[0].Wire;
        if (found.Kind == LookupKind.Cname)
        {
            return Name.FromWire(target);
        }

        // RFC 6672 §2.2: the labels below the DNAME's owner, and then its target.
        var prefix = name.Wire.Length - found.Owner.Wire.Length;
        return prefix + target.Length > Name.MaxWireLength ? null : Name.FromWire([.. name.Wire[..prefix], .. target]);
    }
}

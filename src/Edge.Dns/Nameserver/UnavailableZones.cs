using System.Collections.Frozen;
using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Nameserver;

/// <summary>The zones that are ours to answer and cannot be answered now: SERVFAIL says so, and nobody else is asked for them. Immutable.</summary>
public sealed class UnavailableZones
{
    /// <summary>All is well.</summary>
    public static readonly UnavailableZones None = new([]);

    private readonly FrozenDictionary<Name, ImmutableArray<UnavailableZone>> _zones;

    /// <summary>A set of these.</summary>
    public UnavailableZones(ImmutableArray<UnavailableZone> zones) =>
        _zones = zones.GroupBy(zone => zone.Origin).ToFrozenDictionary(group => group.Key, group => group.ToImmutableArray());

    /// <summary>Why a name cannot be answered in a view; null when it lies in none of them.</summary>
    public ExtendedErrorCode? Find(string view, ReadOnlySpan<byte> qname) => FindZone(view, qname)?.Reason;

    /// <summary>The zone in which a name lies that cannot be answered in a view; null when it lies in none of them.</summary>
    public UnavailableZone? FindZone(string view, ReadOnlySpan<byte> qname)
    {
        if (_zones.Count == 0)
        {
            return null;
        }

        for (var name = Name.FromWire(qname); name is not null; name = name.Parent)
        {
            foreach (var zone in _zones.GetValueOrDefault(name, []))
            {
                if (zone.View is null || zone.View == view)
                {
                    return zone;
                }
            }
        }

        return null;
    }
}

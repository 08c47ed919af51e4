using System.Collections.Frozen;
using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>The forwarded zones with their upstreams; the most specific one counts.</summary>
internal sealed class ForwardRules
{
    private readonly FrozenDictionary<Name, UpstreamSet> _byZone;
    private readonly FrozenDictionary<int, Name> _byHash;

    public ForwardRules(ImmutableDictionary<Name, UpstreamSet> rules)
    {
        _byZone = rules.ToFrozenDictionary();
        // Of names with one hash all but one are found by comparing: a few rules, and strangers cannot add any.
        _byHash = rules.Keys.DistinctBy(zone => zone.GetHashCode()).ToFrozenDictionary(zone => zone.GetHashCode());
    }

    public IEnumerable<UpstreamSet> Sets => _byZone.Values;

    /// <summary>The upstreams of the zone that a name lies in; null when it is in none. Allocates nothing.</summary>
    /// <param name="name">A name in wire form.</param>
    public UpstreamSet? Find(ReadOnlySpan<byte> name)
    {
        if (_byZone.Count == 0)
        {
            return null;
        }

        for (; ; name = name[(name[0] + 1)..])
        {
            if (_byHash.TryGetValue(NameComparison.Hash(name), out var zone) && Matching(zone, name) is { } found)
            {
                return _byZone[found];
            }

            if (name[0] == 0)
            {
                return null;
            }
        }
    }

    private Name? Matching(Name first, ReadOnlySpan<byte> name)
    {
        if (NameComparison.Equal(first.Wire, name))
        {
            return first;
        }

        foreach (var zone in _byZone.Keys)
        {
            if (NameComparison.Equal(zone.Wire, name))
            {
                return zone;
            }
        }

        return null;
    }
}

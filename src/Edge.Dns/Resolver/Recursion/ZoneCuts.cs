using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>What is known of the tree: where zones begin, where none does, and what does not exist at the top.</summary>
/// <param name="options">How much is kept.</param>
/// <param name="top">Where every search begins; null for the root.</param>
internal sealed class ZoneCuts(RecursionOptions options, Delegation? top = null)
{
    private const uint ShortestTtl = 5;
    private const uint LongestTtl = 3600;

    private readonly BoundedCache<Name, Delegation> _delegations = new(options.MaxDelegations, options.MaxBytes, NameKeys.Instance);
    private readonly BoundedCache<Name, InnerName> _inner = new(options.MaxDelegations, options.MaxBytes / 2, NameKeys.Instance);
    private readonly BoundedCache<Name, MissingName> _missing = new(options.MaxDelegations, options.MaxBytes / 2, NameKeys.Instance);
    private readonly Delegation _hints = top ?? new(Name.Root, options.Hints.Servers, long.MaxValue);
    private volatile Delegation? _root;

    public int Count => _delegations.Count;

    /// <summary>The deepest known zone that the name lies in; the root if no other. Never one whose time at its parent is over.</summary>
    public Delegation FindClosest(Name name, long now)
    {
        for (var zone = name; !zone.IsRoot; zone = zone.Parent!)
        {
            if (Fresh(_delegations.Find(zone), now) is { } found)
            {
                return found;
            }
        }

        return Fresh(_root, now) ?? _hints;
    }

    public bool IsPrimed(long now) => Fresh(_root, now) is not null;

    /// <summary>
    /// Keeps what a parent said. It holds no longer than what is known of the parent, so that a name which was taken
    /// away there is gone with all that was ever below it ("ghost domains", Jiang et al., NDSS 2012).
    /// </summary>
    public Delegation Put(Delegation referral, Delegation parent)
    {
        var kept = parent.Zone.IsRoot ? referral : referral with { ExpiresAt = Math.Min(referral.ExpiresAt, parent.ExpiresAt) };
        _delegations.Put(kept.Zone, kept, kept.Cost);
        return kept;
    }

    /// <summary>Takes over what a zone says of its own servers (RFC 2181 §5.4.1), for as long as its parent's word holds at the most.</summary>
    public void PutApex(Delegation apex, Delegation known, long now)
    {
        // Most servers say it with every answer.
        if (_delegations.Find(apex.Zone) is { FromParent: not null } same && now < same.ExpiresAt)
        {
            return;
        }

        ImmutableArray<NameServer> servers =
        [
            .. apex.Servers.Select(server => server.Addresses.IsEmpty && known.Servers.FirstOrDefault(other => other.Name == server.Name) is { } other ? other : server),
        ];
        if (apex.Zone.IsRoot)
        {
            // Without addresses the hints are the better knowledge: nobody is above the root to ask.
            _root = servers.Any(server => !server.Addresses.IsEmpty) ? apex with { Servers = servers } : _root;
            return;
        }

        var parents = known.FromParent ?? known;
        var kept = new Delegation(apex.Zone, servers, Math.Min(apex.ExpiresAt, parents.ExpiresAt)) { FromParent = parents };
        _delegations.Put(kept.Zone, kept, kept.Cost);
    }

    /// <summary>Whether the name is known to lie inside that zone, not at the top of one further down.</summary>
    public bool IsInside(Name name, Name zone, long now) => _inner.Find(name) is { } inner && now < inner.ExpiresAt && inner.Zone == zone;

    public void PutInside(Name name, Name zone, uint ttl, long now) =>
        _inner.Put(name, new InnerName(zone, now + (Math.Clamp(ttl, ShortestTtl, LongestTtl) * 1000L)), 150 + name.Wire.Length);

    /// <summary>The answer that denies the name or one above it; null when none is known.</summary>
    public AuthorityReply? FindMissing(Name name, bool dnssecOk, long now)
    {
        for (var above = name; !above.IsRoot; above = above.Parent!)
        {
            if (_missing.Find(above) is { } missing && now < missing.ExpiresAt && (missing.DnssecOk || !dnssecOk))
            {
                return missing.At(now, dnssecOk);
            }
        }

        return null;
    }

    /// <summary>Keeps a denial that holds for all names below (RFC 8020 §2), as long as its SOA says.</summary>
    public void PutMissing(Name name, AuthorityReply reply, bool dnssecOk, long now)
    {
        var ttl = Math.Min(LongestTtl, reply.Authority.FirstOrDefault(record => record.Type == RecordType.SOA)?.NegativeTtl() ?? 0);
        if (ttl > 0)
        {
            _missing.Put(name, new MissingName(reply, dnssecOk, now, now + (ttl * 1000L)), 500 + (reply.Authority.Length * 200));
        }
    }

    private static Delegation? Fresh(Delegation? delegation, long now) =>
        delegation is null || now < delegation.ExpiresAt ? delegation
            : delegation.FromParent is { } parents && now < parents.ExpiresAt ? parents : null;
}

namespace Edge.Gateway;

/// <summary>The routes of one host. Immutable; what wildcards and routes for any host add to it is worked out at the first request for it.</summary>
internal sealed class HostSlot
{
    private readonly RouteCandidate[] _own;
    private readonly string? _name;
    private MergedRoutes? _all;

    /// <param name="name">The name of the slot in the table, in ASCII; null for the one of any host.</param>
    /// <param name="own">The routes that ask for it by that name. Nearly every host has one.</param>
    public HostSlot(string? name, RouteCandidate[] own)
    {
        (_name, _own) = (name, own);
        Only = name is not null && own is [{ EndsSearch: true, Order: 0, Entry: { IsService: true } only }] ? only : null;
    }

    /// <summary>The routes that ask for it by its name, in no order.</summary>
    public ReadOnlySpan<RouteCandidate> Own => _own;

    /// <summary>The host or the wildcard's; null for the slot of any host.</summary>
    public string? Name => _name;

    /// <summary>The route of a service that asks for nothing but this host; null where there is more to look at.</summary>
    public RouteEntry? Only { get; }

    /// <summary>Every route a request for this host may take, in the order of trying.</summary>
    /// <param name="broader">The wildcards and the routes for any host.</param>
    public RouteCandidate[] Candidates(BroaderRoutes broader)
    {
        // Two requests may both work it out; they come to the same result.
        var all = Volatile.Read(ref _all);
        if (all is null || !ReferenceEquals(all.Broader, broader))
        {
            all = new MergedRoutes(broader, Merge(_name is null ? [] : broader.Over(_name).Candidates(broader)));
            Volatile.Write(ref _all, all);
        }

        return all.Candidates;
    }

    /// <summary>The same without some routes and with others; null when none is left.</summary>
    public static HostSlot? With(HostSlot? slot, string? name, HashSet<RouteEntry> gone, RouteCandidate[] come)
    {
        RouteCandidate[] own = [.. (slot?.Own.ToArray() ?? []).Where(candidate => !gone.Contains(candidate.Entry)), .. come];
        return own.Length == 0 ? null : new HostSlot(name, own);
    }

    private RouteCandidate[] Merge(RouteCandidate[] more)
    {
        // A host that a service has by its name is its own: routes by path of a wildcard's service do not reach into it.
        var isOwned = Array.Exists(_own, candidate => candidate.Entry.IsService);
        RouteCandidate[] sorted = [.. _own, .. more.Where(candidate => !isOwned || candidate.ReachesIntoOwned)];
        Array.Sort(sorted);
        var end = Array.FindIndex(sorted, candidate => candidate.EndsSearch);
        return end < 0 ? sorted : sorted[..(end + 1)];
    }
}

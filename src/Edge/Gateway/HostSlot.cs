namespace Edge.Gateway;

/// <summary>The routes of one host. What wildcards and routes for any host add to it is worked out at the first request for it.</summary>
internal sealed class HostSlot
{
    private RouteCandidate[] _own = [];
    private RouteCandidate[]? _all;

    /// <summary>Adds a route while the table is being built. Nearly every host has one.</summary>
    public void Add(RouteCandidate candidate) => _own = [.. _own, candidate];

    /// <summary>Every route a request for this host may take, in the order of trying.</summary>
    /// <param name="broader">The next less specific slot; null at the end.</param>
    /// <param name="table">Finds the slot behind that one.</param>
    public RouteCandidate[] Candidates(HostSlot? broader, RouteTable table)
    {
        // Two requests may both work it out; they come to the same result.
        var all = Volatile.Read(ref _all);
        if (all is null)
        {
            all = Merge(broader is null ? [] : table.CandidatesOf(broader));
            Volatile.Write(ref _all, all);
        }

        return all;
    }

    /// <summary>The name of the slot in the table; null for the one of any host.</summary>
    public string? Name { get; init; }

    private RouteCandidate[] Merge(RouteCandidate[] more)
    {
        // A host that a service has by its name is its own: routes by path of a wildcard's service do not reach into it.
        var isOwned = Array.Exists(_own, candidate => candidate.Entry.IsService);
        RouteCandidate[] sorted = [.. _own, .. more.Where(candidate => !isOwned || !candidate.Entry.IsService || candidate.Entry.Matcher.TakesEverything)];
        Array.Sort(sorted);
        var end = Array.FindIndex(sorted, candidate => candidate.EndsSearch);
        return end < 0 ? sorted : sorted[..(end + 1)];
    }
}

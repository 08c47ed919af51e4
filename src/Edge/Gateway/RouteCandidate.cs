using Edge.Services;

namespace Edge.Gateway;

/// <summary>A route as one of the hosts it asks for.</summary>
/// <param name="Entry">The route.</param>
/// <param name="Host">The pattern by which it stands here.</param>
/// <param name="Place">Its place among all routes, which decides where nothing else does.</param>
internal readonly record struct RouteCandidate(RouteEntry Entry, HostPattern Host, RoutePlace Place) : IComparable<RouteCandidate>
{
    /// <summary>The stated order: a lower one is tried earlier, whatever it asks for.</summary>
    public int Order => Entry.Model.Config.Order ?? 0;

    /// <summary>Nothing behind this candidate can ever be chosen.</summary>
    public bool EndsSearch => Entry.Matcher.TakesEverything && Host.Port is null && Entry.Expose == Exposure.Everywhere;

    /// <summary>Whether it takes requests for a host below a wildcard that a service has by its name.</summary>
    public bool ReachesIntoOwned => !Entry.IsService || Entry.Matcher.TakesEverything;

    /// <summary>
    /// Whether it may go before the route of a service that asks for nothing but its host (<see cref="HostSlot.Only"/>), though
    /// it asks for a wildcard or for any host itself.
    /// </summary>
    public bool GoesBeforeExact => (Host.IsAny || Host.IsWildcard) && ReachesIntoOwned
        && (Order < 0 || (Order == 0 && (Entry.Matcher.Precedence < RouteMatcher.Everything.Precedence || Entry.Matcher.HasMethods)));

    /// <summary>
    /// The order in which routes are tried is the one of ASP.NET's routing, which YARP's users know: the stated order,
    /// then the path, then whether methods are named, then the host, then the number of conditions, then whether clients
    /// are named.
    /// </summary>
    public int CompareTo(RouteCandidate other)
    {
        var (mine, theirs) = (Entry.Matcher, other.Entry.Matcher);
        int difference;
        if ((difference = Order.CompareTo(other.Order)) != 0
            || (difference = mine.Precedence.CompareTo(theirs.Precedence)) != 0
            || (difference = theirs.HasMethods.CompareTo(mine.HasMethods)) != 0
            || (difference = HostRank.CompareTo(other.HostRank)) != 0
            || (difference = theirs.HeaderCount.CompareTo(mine.HeaderCount)) != 0
            || (difference = theirs.QueryCount.CompareTo(mine.QueryCount)) != 0
            || (difference = theirs.HasClients.CompareTo(mine.HasClients)) != 0)
        {
            return difference;
        }

        return Place.CompareTo(other.Place);
    }

// An exact host, then the longest wildcard, then any; a port makes each more specific.
    private int HostRank => (Host.IsAny ? 2_000 : Host.IsWildcard ? 1_000 - (2 * Host.Name.Length) : 0) + (Host.Port is null ? 1 : 0);
}

using Edge.Services;
using Edge.Settings;

namespace Edge.Gateway;

/// <summary>
/// Routes in YARP's form that never get a request of a host, and services that do not because of one: followed for the
/// hosts that a change touches. What services take from each other is told by the catalogue and by <see cref="ContestedRequests"/>.
/// </summary>
internal sealed class OvershadowedRoutes
{
    private readonly SortedDictionary<string, List<Overshadowed>> _found = new(StringComparer.Ordinal);

    /// <summary>One for each pair of routes, by host.</summary>
    public IEnumerable<Problem> Problems => _found.Values.SelectMany(found => found).DistinctBy(one => (one.Lost.Entry, one.Winner.Entry)).Select(one => one.Problem);

    /// <summary>Those of one host, as somebody asks for it.</summary>
    public IEnumerable<Problem> Of(HostPattern host) => (_found.GetValueOrDefault(host.ToString()) ?? []).Select(one => one.Problem);

    /// <summary>Looks at the hosts of routes that came or went.</summary>
    public void Look(RouteTable table, IEnumerable<RouteEntry> changed)
    {
        foreach (var host in changed.SelectMany(entry => entry.Hosts).Select(host => host with { Port = null }).Distinct())
        {
            // Nearly every host has services alone.
            var own = table.OwnOf(host);
            var found = IsMixed(own) ? Find(host, own) : [];
            if (found.Count == 0)
            {
                _found.Remove(host.ToString());
            }
            else
            {
                _found[host.ToString()] = found;
            }
        }
    }

    private static bool IsMixed(ReadOnlySpan<RouteCandidate> own)
    {
        foreach (ref readonly var candidate in own)
        {
            if (!candidate.Entry.IsService)
            {
                return own.Length > 1;
            }
        }

        return false;
    }

    private static List<Overshadowed> Find(HostPattern host, ReadOnlySpan<RouteCandidate> own)
    {
        var found = new List<Overshadowed>();
        RouteCandidate[] sorted = [.. own];
        Array.Sort(sorted);
        var before = new Dictionary<string, List<RouteCandidate>>(StringComparer.Ordinal);
        foreach (var candidate in sorted)
        {
            // What takes every request has the empty text.
            var winner = (before.GetValueOrDefault("") ?? []).Concat(before.GetValueOrDefault(candidate.Entry.Matcher.Text) ?? []).FirstOrDefault(other => Covers(other, candidate));
            if (winner.Entry is not null)
            {
                found.Add(new Overshadowed(host, candidate, winner));
            }
            else if (!before.TryAdd(candidate.Entry.Matcher.Text, [candidate]))
            {
                before[candidate.Entry.Matcher.Text].Add(candidate);
            }
        }

        return found;
    }

    private static bool Covers(RouteCandidate one, RouteCandidate other) =>
        !(one.Entry.IsService && other.Entry.IsService)
        && (one.Host.Port is null || one.Host.Port == other.Host.Port)
        && (one.Entry.Expose == Exposure.Everywhere || other.Entry.Expose == Exposure.Lan);
}

using Edge.Settings;

namespace Edge.Gateway;

/// <summary>
/// Which of two routes takes a request that both ask for is not for chance to say: the one that stands first gets it, and
/// the other is told of. Services without routes of their own cannot ask for the same: the catalogue settles who has a host.
/// </summary>
internal sealed class ContestedRequests
{
    private readonly Dictionary<(HostPattern Host, string Asks), SortedDictionary<RoutePlace, RouteEntry>> _asked = [];
    private readonly Dictionary<RouteEntry, RoutePlace> _places = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<(HostPattern Host, string Asks)> _contested = [];

    /// <summary>Takes a change of the services' routes.</summary>
    public void Replace(IEnumerable<RouteEntry> gone, IEnumerable<PlacedRoute> come)
    {
        foreach (var entry in gone)
        {
            if (_places.Remove(entry, out var place))
            {
                foreach (var host in entry.Hosts)
                {
                    Remove((host, entry.Asks), place);
                }
            }
        }

        foreach (var (entry, place) in come.Where(route => route.Entry.IsListed))
        {
            _places.Add(entry, place);
            foreach (var host in entry.Hosts)
            {
                Add((host, entry.Asks), place, entry);
            }
        }
    }

    /// <summary>One for each route that does not get what it asks for.</summary>
    public IEnumerable<Problem> Problems()
    {
        foreach (var (_, entry) in _contested.SelectMany(what => _asked[what].Skip(1)).DistinctBy(one => one.Key).OrderBy(one => one.Key))
        {
            var host = entry.Hosts.First(host => _asked[(host, entry.Asks)].Values.First() != entry);
            var first = _asked[(host, entry.Asks)].Values.First();
            yield return new Problem(entry.Where, 0, $"services.{Name(entry)}", $"asks for the same requests of {host} as {Name(first)} ({first.Where}), which gets them", "take one out, let it ask for something else, or give it a priority");
        }
    }

    private static string Name(RouteEntry entry) => entry.Id["service:".Length..];

    private void Add((HostPattern Host, string Asks) what, RoutePlace place, RouteEntry entry)
    {
        if (!_asked.TryGetValue(what, out var all))
        {
            _asked.Add(what, all = []);
        }

        all[place] = entry;
        if (all.Count > 1)
        {
            _contested.Add(what);
        }
    }

    private void Remove((HostPattern Host, string Asks) what, RoutePlace place)
    {
        if (_asked.TryGetValue(what, out var all) && all.Remove(place) && all.Count < 2)
        {
            _contested.Remove(what);
            if (all.Count == 0)
            {
                _asked.Remove(what);
            }
        }
    }
}

using Edge.Dns.Snapshots;

namespace Edge.Services;

/// <summary>
/// What all sources declare, by name and by host, so that a change is settled among those alone that have to do with it.
/// Used by <see cref="ServiceCatalog"/> only.
/// </summary>
/// <param name="sources">The sources, the stronger first.</param>
internal sealed class DeclaredServices(IReadOnlyList<IServiceSource> sources)
{
    private readonly ShardedMap<string, DeclaredGroup>[] _taken = [.. sources.Select(_ => new ShardedMap<string, DeclaredGroup>(StringComparer.Ordinal))];
    private readonly Dictionary<DeclaredGroup, Declared[]> _groups = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, List<Declared>> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Declared>> _byHost = new(StringComparer.Ordinal);

    /// <summary>Takes what the sources declare now.</summary>
    /// <returns>Every service that was declared and is not any more, or is now and was not.</returns>
    public List<Service> Take()
    {
        var changed = new List<Service>();
        for (var i = 0; i < _taken.Length; i++)
        {
            var now = sources[i].Current;
            foreach (var (_, before, after) in ShardedMap<string, DeclaredGroup>.Differing(_taken[i], now))
            {
                Replace(i, before, after, changed);
            }

            _taken[i] = now;
        }

        return changed;
    }

    /// <summary>Every declaration that wants a name or a host of these, or of another that does, in their order; and all the names.</summary>
    public (List<Declared> Declared, HashSet<string> Names) Around(IEnumerable<Service> services)
    {
        var (found, names, hosts) = (new HashSet<Declared>(ReferenceEqualityComparer.Instance), new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var next = new Queue<Service>(services);
        while (next.TryDequeue(out var service))
        {
            if (names.Add(service.Name))
            {
                Follow(_byName, service.Name);
            }

            foreach (var host in service.Hosts)
            {
                if (hosts.Add(host))
                {
                    Follow(_byHost, host);
                }
            }
        }

        return ([.. found.Order()], names);

        void Follow(Dictionary<string, List<Declared>> by, string key)
        {
            foreach (var other in by.GetValueOrDefault(key) ?? [])
            {
                if (found.Add(other))
                {
                    next.Enqueue(other.Service);
                }
            }
        }
    }

    // Of a file that was read anew most services say what they said; they are in the index at their new places.
    private void Replace(int source, DeclaredGroup? before, DeclaredGroup? after, List<Service> changed)
    {
        if (before is not null && _groups.Remove(before, out var gone))
        {
            Array.ForEach(gone, Remove);
        }

        Declared[] come = after is null ? [] : [.. after.Services.Select((_, at) => new Declared(source, after, at))];
        if (after is not null)
        {
            _groups.Add(after, come);
            Array.ForEach(come, Add);
        }

        var (old, now) = ((before?.Services ?? []).ToHashSet(), (after?.Services ?? []).ToHashSet());
        changed.AddRange((before?.Services ?? []).Where(service => !now.Contains(service)));
        changed.AddRange((after?.Services ?? []).Where(service => !old.Contains(service)));
    }

    private void Add(Declared declared)
    {
        Listed(_byName, declared.Service.Name).Add(declared);
        foreach (var host in declared.Service.Hosts)
        {
            Listed(_byHost, host).Add(declared);
        }
    }

    private void Remove(Declared declared)
    {
        Unlist(_byName, declared.Service.Name, declared);
        foreach (var host in declared.Service.Hosts)
        {
            Unlist(_byHost, host, declared);
        }
    }

    // Nearly every list has one in it.
    private static List<Declared> Listed(Dictionary<string, List<Declared>> by, string key) => by.TryGetValue(key, out var all) ? all : by[key] = new List<Declared>(1);

    private static void Unlist(Dictionary<string, List<Declared>> by, string key, Declared one)
    {
        if (by.TryGetValue(key, out var all) && all.Remove(one) && all.Count == 0)
        {
            by.Remove(key);
        }
    }
}

using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Edge.Dns.Snapshots;

namespace Edge.Services;

/// <summary>
/// The services of one moment, conflicts settled: each name belongs to one service, and so does each host, or each part of
/// its requests. Immutable; a set that follows another shares with it what did not change.
/// </summary>
internal sealed class ServiceSet
{
    public static readonly ServiceSet Empty = new(0, [], []);

    private readonly ShardedMap<string, Service> _byName;
    private readonly ShardedMap<string, Service[]> _byHost;
    private Service[]? _ordered;

    public ServiceSet(long version, ImmutableArray<Service> services, ImmutableArray<ServiceConflict> conflicts)
        : this(version, new(StringComparer.Ordinal), new(StringComparer.Ordinal), services.Select(service => (service.Name, (Service?)service)), conflicts)
    {
    }

    private ServiceSet(
        long version, ShardedMap<string, Service> byName, ShardedMap<string, Service[]> byHost, IEnumerable<(string Name, Service? Service)> changes, ImmutableArray<ServiceConflict> conflicts)
    {
        (Version, Conflicts) = (version, conflicts);
        var (names, hosts) = (byName.Edit(), byHost.Edit());
        foreach (var (name, service) in changes)
        {
            var before = names.Find(name);
            names.Set(name, service);
            foreach (var host in (before?.Hosts ?? []).Union(service?.Hosts ?? []))
            {
                var others = (hosts.Find(host) ?? []).Where(other => other.Name != name);
                Service[] now = service is not null && service.Hosts.Contains(host) ? [.. others.Append(service).OrderBy(one => one.Name, StringComparer.Ordinal)] : [.. others];
                hosts.Set(host, now.Length == 0 ? null : now);
            }
        }

        (_byName, _byHost) = (names.ToMap(), hosts.ToMap());
    }

    /// <summary>Grows by one with every set of this process.</summary>
    public long Version { get; }

    /// <summary>How many services are in effect.</summary>
    public int Count => _byName.Count;

    /// <summary>The services in effect, ordered by name; put in order when first asked for, which no way of a change should do.</summary>
    public ImmutableArray<Service> Services =>
        ImmutableCollectionsMarshal.AsImmutableArray(_ordered ??= [.. _byName.Values.OrderBy(service => service.Name, StringComparer.Ordinal)]);

    /// <summary>The first services by name; of many it looks at all, and puts only these in order.</summary>
    public IEnumerable<Service> First(int count) => _byName.Values.OrderBy(service => service.Name, StringComparer.Ordinal).Take(count);

    /// <summary>Every host of them, in no order.</summary>
    public IEnumerable<string> Hosts => _byHost.All.Select(pair => pair.Key);

    /// <summary>Declarations that lost to another, for reports.</summary>
    public ImmutableArray<ServiceConflict> Conflicts { get; }

    /// <summary>The set that follows this one.</summary>
    /// <param name="version">Its version.</param>
    /// <param name="changes">Names, each with its service from now on; null for one that ends.</param>
    /// <param name="conflicts">What lost to another.</param>
    public ServiceSet With(long version, IEnumerable<(string Name, Service? Service)> changes, ImmutableArray<ServiceConflict> conflicts) =>
        new(version, _byName, _byHost, changes, conflicts);

    /// <summary>The names of which two sets say something else; quick where one follows the other.</summary>
    public static IEnumerable<MapDifference<string, Service>> Differing(ServiceSet before, ServiceSet after) =>
        ShardedMap<string, Service>.Differing(before._byName, after._byName).Where(one => one.Before is null || one.After is null || !one.Before.Equals(one.After));

    public Service? ByName(string name) => _byName.Find(name);

    /// <summary>The service that answers for a host: the one that declares it, else the one whose wildcard is nearest above it.</summary>
    public Service? Covering(string host)
    {
        var service = ByHost(host);
        for (var dot = host.IndexOf('.'); service is null && dot >= 0; dot = host.IndexOf('.', dot + 1))
        {
            service = ByHost("*" + host[dot..]);
        }

        return service;
    }

    /// <summary>Every service that declares exactly this host, ordered by name.</summary>
    public IReadOnlyList<Service> AllByHost(string host) => _byHost.Find(host) ?? [];

    /// <summary>The service that declares exactly this host (lower case, no trailing dot); of several the one that takes what the others do not.</summary>
    public Service? ByHost(string host) => _byHost.Find(host) is { } all ? Array.Find(all, service => service.Routing is null) ?? all[0] : null;
}

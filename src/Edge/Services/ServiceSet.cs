using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Edge.Services;

/// <summary>The services of one moment, conflicts settled: each name belongs to one service, and so does each host, or each part of its requests.</summary>
internal sealed class ServiceSet
{
    public static readonly ServiceSet Empty = new(0, [], []);

    private readonly FrozenDictionary<string, Service> _byName;
    private readonly FrozenDictionary<string, Service> _byHost;

    public ServiceSet(long version, ImmutableArray<Service> services, ImmutableArray<ServiceConflict> conflicts)
    {
        Version = version;
        Services = services;
        Conflicts = conflicts;
        _byName = services.ToFrozenDictionary(service => service.Name, StringComparer.Ordinal);
        _byHost = services.SelectMany(service => service.Hosts, (service, host) => (service, host))
            .GroupBy(pair => pair.host, pair => pair.service, StringComparer.Ordinal)
            .ToFrozenDictionary(host => host.Key, host => host.FirstOrDefault(service => service.Routing is null) ?? host.First(), StringComparer.Ordinal);
        SharesHosts = _byHost.Count < services.Sum(service => service.Hosts.Length);
    }

    /// <summary>Grows by one with every set of this process.</summary>
    public long Version { get; }

    /// <summary>The services in effect, ordered by name.</summary>
    public ImmutableArray<Service> Services { get; }

    /// <summary>Declarations that lost to another, for reports.</summary>
    public ImmutableArray<ServiceConflict> Conflicts { get; }

    /// <summary>Some host belongs to several services.</summary>
    public bool SharesHosts { get; }

    public Service? ByName(string name) => _byName.GetValueOrDefault(name);

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

    /// <summary>Every service that declares exactly this host.</summary>
    public IEnumerable<Service> AllByHost(string host) => SharesHosts ? Services.Where(service => service.Hosts.Contains(host)) : ByHost(host) is { } one ? [one] : [];

    /// <summary>The service that declares exactly this host (lower case, no trailing dot); of several the one that takes what the others do not.</summary>
    public Service? ByHost(string host) => _byHost.GetValueOrDefault(host);
}

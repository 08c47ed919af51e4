using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Edge.Services;

/// <summary>The services of one moment, conflicts settled: each name and each host belongs to one service.</summary>
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
            .ToFrozenDictionary(pair => pair.host, pair => pair.service, StringComparer.Ordinal);
    }

    /// <summary>Grows by one with every set of this process.</summary>
    public long Version { get; }

    /// <summary>The services in effect, ordered by name.</summary>
    public ImmutableArray<Service> Services { get; }

    /// <summary>Declarations that lost to another, for reports.</summary>
    public ImmutableArray<ServiceConflict> Conflicts { get; }

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

    /// <summary>The service that declares exactly this host (lower case, no trailing dot).</summary>
    public Service? ByHost(string host) => _byHost.GetValueOrDefault(host);
}

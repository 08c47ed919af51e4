using System.Collections.Immutable;

namespace Edge.Services;

/// <summary>
/// Settles who has what when several declarations want the same name or host: the earlier one has it. A declaration
/// that loses its name or all of its hosts is not in effect; one that loses some hosts keeps the others.
/// </summary>
internal static class ServiceSettlement
{
    /// <param name="declared">All declarations, the stronger first.</param>
    public static (ImmutableArray<Service> Services, ImmutableArray<ServiceConflict> Conflicts) Settle(IEnumerable<Service> declared)
    {
        var byName = new SortedDictionary<string, Service>(StringComparer.Ordinal);
        var byHost = new Dictionary<string, Service>(StringComparer.Ordinal);
        var conflicts = ImmutableArray.CreateBuilder<ServiceConflict>();
        foreach (var service in declared)
        {
            if (byName.TryGetValue(service.Name, out var holder))
            {
                conflicts.Add(new ServiceConflict(service, holder, service.Name));
                continue;
            }

            var lost = service.Hosts.Where(byHost.ContainsKey).ToHashSet(StringComparer.Ordinal);
            conflicts.AddRange(lost.Select(host => new ServiceConflict(service, byHost[host], host)));
            if (lost.Count == service.Hosts.Length)
            {
                continue;
            }

            var inEffect = lost.Count == 0 ? service : service with { Hosts = [.. service.Hosts.Where(host => !lost.Contains(host))] };
            byName.Add(service.Name, inEffect);
            foreach (var host in inEffect.Hosts)
            {
                byHost.Add(host, inEffect);
            }
        }

        return ([.. byName.Values], conflicts.ToImmutable());
    }

    /// <summary>
    /// What must be servable while names change from one set to the other: everything of <paramref name="next"/>, and
    /// the hosts of <paramref name="previous"/> that nobody has there, each with the service that had it.
    /// </summary>
    public static ImmutableArray<Service> Union(ServiceSet previous, ServiceSet next)
    {
        var union = next.Services.ToDictionary(service => service.Name, StringComparer.Ordinal);
        foreach (var old in previous.Services)
        {
            var leaving = old.Hosts.Where(host => next.ByHost(host) is null).ToArray();
            if (leaving.Length > 0)
            {
                union[old.Name] = union.TryGetValue(old.Name, out var service)
                    ? service with { Hosts = [.. service.Hosts, .. leaving] }
                    : old with { Hosts = [.. leaving] };
            }
        }

        return [.. union.Values.OrderBy(service => service.Name, StringComparer.Ordinal)];
    }
}

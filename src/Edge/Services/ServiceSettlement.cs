using System.Collections.Immutable;

namespace Edge.Services;

/// <summary>
/// Settles who has what when several declarations want the same name or host (or the same requests of a host, see
/// <see cref="HostClaims"/>): the stronger source has it; within a
/// source whoever has it now, so that no newcomer takes it from a service that is served; else the earlier one. A
/// declaration that loses its name or all of its hosts is not in effect; one that loses some hosts keeps the others.
/// </summary>
internal static class ServiceSettlement
{
    /// <param name="sources">What each source declares, the stronger source first, and the earlier declaration first.</param>
    /// <param name="previous">The services in effect until now.</param>
    public static (ImmutableArray<Service> Services, ImmutableArray<ServiceConflict> Conflicts) Settle(IEnumerable<ImmutableArray<Service>> sources, ServiceSet previous)
    {
        var byName = new SortedDictionary<string, Service>(StringComparer.Ordinal);
        var byHost = new HostClaims();
        var conflicts = ImmutableArray.CreateBuilder<ServiceConflict>();
        foreach (var declared in sources)
        {
            var (nameHeld, hostHeld) = Held(declared, previous, byName, byHost);
            foreach (var service in declared)
            {
                if (Other(service, service.Name, byName, nameHeld) is { } holder)
                {
                    conflicts.Add(new ServiceConflict(service, holder, service.Name));
                    continue;
                }

                var lost = service.Hosts.Where(host => OtherOf(service, host, byHost, hostHeld) is not null).ToHashSet(StringComparer.Ordinal);
                conflicts.AddRange(lost.Select(host => new ServiceConflict(service, OtherOf(service, host, byHost, hostHeld)!, HostClaims.Of(service, host))));
                if (lost.Count == service.Hosts.Length)
                {
                    continue;
                }

                var inEffect = lost.Count == 0 ? service : service with { Hosts = [.. service.Hosts.Where(host => !lost.Contains(host))] };
                byName.Add(service.Name, inEffect);
                foreach (var host in inEffect.Hosts)
                {
                    byHost.Add(inEffect, host);
                }
            }
        }

        return ([.. byName.Values], conflicts.ToImmutable());
    }

    /// <summary>
    /// What must be servable beside <paramref name="next"/> while names change over to it: the hosts of services of before
    /// that nobody has there, each with the service that had it.
    /// </summary>
    public static List<(string Name, Service? Service)> Leaving(IEnumerable<Service> before, ServiceSet next)
    {
        var all = new List<(string, Service?)>();
        foreach (var old in before)
        {
            var leaving = old.Hosts.Where(host => next.ByHost(host) is null).ToArray();
            if (leaving.Length > 0)
            {
                all.Add((old.Name, next.ByName(old.Name) is { } service ? service with { Hosts = [.. service.Hosts, .. leaving] } : old with { Hosts = [.. leaving] }));
            }
        }

        return all;
    }

    // What each present holder of one source keeps: its name and the hosts it still declares, unless a stronger source
    // took its name or all of them, for then it is not in effect and keeps nothing.
    private static (Dictionary<string, Service> Names, Dictionary<string, Service> Hosts) Held(
        ImmutableArray<Service> declared, ServiceSet previous, IReadOnlyDictionary<string, Service> strongerNames, HostClaims strongerHosts)
    {
        var (names, hosts) = (new Dictionary<string, Service>(StringComparer.Ordinal), new Dictionary<string, Service>(StringComparer.Ordinal));
        foreach (var same in declared.GroupBy(service => service.Name, StringComparer.Ordinal))
        {
            if (previous.ByName(same.Key) is not { } before || strongerNames.ContainsKey(same.Key))
            {
                continue;
            }

            // Of several of one name it is the one that stands where it stood; lines shift while people edit.
            var holder = same.FirstOrDefault(service => Place(service) == Place(before)) ?? same.First();
            var kept = holder.Source != before.Source ? [] : holder.Hosts.Intersect(before.Hosts).Where(host => !strongerHosts.Has(host)).ToArray();
            if (kept.Length > 0)
            {
                names.Add(same.Key, holder);
                foreach (var claim in kept.Select(host => HostClaims.Of(holder, host)).Intersect(kept.Select(host => HostClaims.Of(before, host))))
                {
                    hosts.Add(claim, holder);
                }
            }
        }

        return (names, hosts);
    }

    private static Service? Other(Service service, string what, IReadOnlyDictionary<string, Service> taken, Dictionary<string, Service> held) =>
        taken.TryGetValue(what, out var holder) || (held.TryGetValue(what, out holder) && !ReferenceEquals(holder, service)) ? holder : null;

    private static Service? OtherOf(Service service, string host, HostClaims taken, Dictionary<string, Service> held) =>
        taken.IsTaken(service, host, out var holder) || (held.TryGetValue(HostClaims.Of(service, host), out holder) && !ReferenceEquals(holder, service)) ? holder : null;

    private static string Place(Service service) =>
        service.Where.LastIndexOf(':') is > 0 and var colon && int.TryParse(service.Where.AsSpan(colon + 1), out _) ? service.Where[..colon] : service.Where;
}

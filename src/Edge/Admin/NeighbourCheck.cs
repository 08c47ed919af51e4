using System.Net.NetworkInformation;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Names;
using Edge.Services;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Admin;

/// <summary>What is said in vain of hosts of the LAN: names that are written down elsewhere, interfaces that this machine has not. No mistake, since both may change.</summary>
internal static class NeighbourCheck
{
    /// <param name="options">The settings.</param>
    /// <param name="services">The services that files declare.</param>
    public static IEnumerable<string> Of(EdgeOptions options, ServiceSet services) => Held(options, services).Concat(Missing(options));

    private static IEnumerable<string> Held(EdgeOptions options, ServiceSet services)
    {
        if (options.Hosts.IsEmpty && options.Prefix.Hosts.IsEmpty)
        {
            return [];
        }

        var files = new ZoneFileSource(options.PathOf(options.Zones), options.Zones, [.. options.Views.Select(view => view.Name)], NullLogger.Instance, TimeProvider.System);
        files.Load();

        // What is for another view alone leaves the LAN to mDNS.
        var ours = files.Current.Zones.Where(zone => zone.View is null or ViewOptions.Lan)
            .SelectMany(zone => zone.Records.Select(record => (record.Owner, record.Type, Where: zone.View is null ? $"the zone file of {zone.Origin.ToHostString()}" : $"the zone file of {zone.Origin.ToHostString()} for the view {zone.View}")))
            .ToList();
        var owners = ours.GroupBy(one => one.Owner).ToDictionary(same => same.Key, same => same.First().Where);

        // An AAAA joins what else the name has, but an alias has nothing beside it (RFC 1034 §3.6.2).
        var aliases = ours.Where(one => one.Type == RecordType.CNAME).GroupBy(one => one.Owner).ToDictionary(same => same.Key, same => same.First().Where);
        return
        [
            .. from host in options.Hosts
               let declarer = owners.GetValueOrDefault(host.Owner) ?? (services.ByHost(host.Owner.ToHostString().ToLowerInvariant()) is { } service ? $"service {service.Name} ({service.Where})" : null)
               where declarer is not null
               select $"{options.Places.Of("hosts", host.Key)}: has no effect, since {declarer} declares {host.Owner.ToHostString()}; take it out of one of them",
            .. from host in options.Prefix.Hosts
               let declarer = aliases.GetValueOrDefault(host.Owner)
               where declarer is not null
               select $"{options.Places.Of("hosts", host.Key)}: has no effect, since {declarer} makes {host.Owner.ToHostString()} an alias (CNAME), beside which no address stands; take it out of one of them",
        ];
    }

    private static IEnumerable<string> Missing(EdgeOptions options)
    {
        if (options.Multicast.Interfaces.IsEmpty)
        {
            return [];
        }

        var there = NetworkInterface.GetAllNetworkInterfaces().Select(one => one.Name).ToHashSet(StringComparer.Ordinal);
        return options.Multicast.Interfaces.Where(name => !there.Contains(name))
            .Select(name => $"{options.Places.Of("mdns", "interfaces")}: this machine has no interface {name} (it has {string.Join(", ", there.Where(one => one != "lo").Order(StringComparer.Ordinal))}); mDNS is spoken there when it comes");
    }
}

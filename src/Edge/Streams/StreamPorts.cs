using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Edge.Connections;
using Edge.Services;
using Edge.Settings;

namespace Edge.Streams;

/// <summary>Which port is for whom: who has it keeps it, otherwise the order of the services' names decides; who comes second is told.</summary>
internal static class StreamPorts
{
    /// <param name="routes">All of them.</param>
    /// <param name="addresses">Where a route listens that names only a port.</param>
    /// <param name="before">Who had which port until now.</param>
    /// <param name="problems">Receives the ports that two services want.</param>
    public static Dictionary<(ProtocolType Protocol, IPEndPoint At), StreamPort> Of(
        IEnumerable<StreamRoute> routes, ImmutableArray<IPAddress> addresses, IReadOnlyDictionary<(ProtocolType Protocol, IPEndPoint At), StreamPort> before, List<Problem> problems)
    {
        var held = new Dictionary<(ProtocolType, IPEndPoint), List<StreamRoute>>();
        var claims = routes.OrderBy(route => route.Name, StringComparer.Ordinal)
            .SelectMany(route => route.Stream.Listen.SelectMany(listen => EndPoints(listen, addresses)), (route, at) => (Route: route, Key: (route.Stream.Protocol == StreamProtocol.Udp ? ProtocolType.Udp : ProtocolType.Tcp, at)));
        foreach (var (route, key) in claims.OrderBy(claim => before.TryGetValue(claim.Key, out var port) && port.IsOf(claim.Route.Name) ? 0 : 1))
        {
            if (!held.TryGetValue(key, out var holders))
            {
                held[key] = [route];
            }
            else if (!holders.Contains(route) && holders.All(other => SharesByName(other) && SharesByName(route)))
            {
                holders.Add(route);
            }
            else if (!holders.Contains(route))
            {
                problems.Add(new Problem(route.Service.Where, 0, $"services.{route.Name}.listen", $"{key.at} is the port of {holders[0].Name} ({holders[0].Service.Where}) already", "only tls:// services share a port, each by its host"));
            }
        }

        // A UDP socket of [::] has no IPv4 beside it, as one of TCP has: that is another one.
        foreach (var (any, holders) in held.Where(pair => pair.Key is (ProtocolType.Udp, var at) && AnyAddress.IsBoth(at, held.Keys.Where(IsUdp).Select(key => key.Item2))).ToList())
        {
            held.Add((ProtocolType.Udp, new IPEndPoint(IPAddress.Any, any.Item2.Port)), holders);
        }

        return held.ToDictionary(pair => pair.Key, pair => SharesByName(pair.Value[0]) ? new StreamPort(null, new StreamHosts(pair.Value)) : new StreamPort(pair.Value[0], StreamHosts.Empty));
    }

    private static bool IsUdp((ProtocolType Protocol, IPEndPoint At) key) => key.Protocol == ProtocolType.Udp;

    private static bool SharesByName(StreamRoute route) => route.Stream.Protocol == StreamProtocol.Tls;

    private static IEnumerable<IPEndPoint> EndPoints(StreamListen listen, ImmutableArray<IPAddress> addresses) =>
        listen.Address is { } own ? [new IPEndPoint(own, listen.Port)] : addresses.Select(address => new IPEndPoint(address, listen.Port));
}

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Edge.Connections;
using Edge.Services;
using Edge.Settings;

namespace Edge.Streams;

/// <summary>Destinations of streams that are this Edge itself, as far as they show it; names that only lead here are found out by the first connection.</summary>
internal static class StreamCircles
{
    private const string Hint = "name the address and port of the program behind the service; connections to Edge itself are closed";

    /// <param name="routes">All of them.</param>
    /// <param name="ports">Which port is whose.</param>
    /// <param name="listeners">Where Edge itself listens for TCP: the gateway and the API.</param>
    public static IEnumerable<Problem> Of(IEnumerable<StreamRoute> routes, IReadOnlyDictionary<(ProtocolType Protocol, IPEndPoint At), StreamPort> ports, ImmutableArray<IPEndPoint> listeners)
    {
        foreach (var route in routes.OrderBy(route => route.Name, StringComparer.Ordinal))
        {
            for (var i = 0; i < route.Stream.To.Length; i++)
            {
                if (Leads(route.Stream, route.Stream.To[i], ports, listeners) is { } here)
                {
                    yield return new Problem(route.Service.Where, 0, $"services.{route.Name}.to[{i}]", $"{route.Stream.To[i].OriginalString} is {here}, so connections would go in a circle", Hint);
                }
            }
        }
    }

    private static string? Leads(ServiceStream stream, Uri to, IReadOnlyDictionary<(ProtocolType Protocol, IPEndPoint At), StreamPort> ports, ImmutableArray<IPEndPoint> listeners)
    {
        var protocol = stream.Protocol == StreamProtocol.Udp ? ProtocolType.Udp : ProtocolType.Tcp;
        if (protocol == ProtocolType.Tcp && new OwnAddresses(() => listeners).LeadsBackTo(to) is { } listener)
        {
            return $"Edge itself ({listener})";
        }

        IPEndPoint[] open = [.. ports.Keys.Where(key => key.Protocol == protocol).Select(key => key.At)];
        return new OwnAddresses(() => open).LeadsBackTo(to) is not { } port ? null
            : ports[(protocol, port)] is { Whole: { } holder } ? $"the port of the service {holder.Name} ({holder.Service.Where})"
            : $"a port of services ({port})";
    }
}

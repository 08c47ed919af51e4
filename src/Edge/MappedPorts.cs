using System.Collections.Immutable;
using System.Net;
using Edge.PortMapping;
using Edge.Services;

namespace Edge;

/// <summary>The ports of the router that lead to this box when its settings say so: those of the gateway, and of services for everywhere.</summary>
internal static class MappedPorts
{
    public static ImmutableArray<WantedMapping> Of(EdgeOptions options, PortMappingOptions wish, ServiceSet services)
    {
        var wanted = new List<WantedMapping>();
        if (wish.Https is { } https && Reachable(options.Gateway.Https) is { } tls)
        {
            wanted.Add(new WantedMapping(MappingProtocol.Tcp, tls, https, WantedMapping.ForHttps));
        }

        if (wish.Http is { } http && Reachable(options.Gateway.Http) is { } plain)
        {
            wanted.Add(new WantedMapping(MappingProtocol.Tcp, plain, http, "http"));
        }

        if (wish.Streams)
        {
            wanted.AddRange(from service in services.Services
                            where service is { Expose: Exposure.Everywhere, Stream: not null }
                            from listen in service.Stream!.Listen
                            where listen.Address is null || !IPAddress.IsLoopback(listen.Address)
                            select new WantedMapping(service.Stream!.Protocol == StreamProtocol.Udp ? MappingProtocol.Udp : MappingProtocol.Tcp, listen.Port, listen.Port, service.Name));
        }

        return [.. wanted.DistinctBy(mapping => (mapping.Protocol, mapping.External))];
    }

    /// <summary>The port of the first endpoint that the router can reach; null when there is none.</summary>
    public static int? Reachable(ImmutableArray<IPEndPoint> listen) =>
        listen.FirstOrDefault(endPoint => !IPAddress.IsLoopback(endPoint.Address) && endPoint.Port != 0)?.Port;
}

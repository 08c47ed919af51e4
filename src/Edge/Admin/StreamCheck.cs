using System.Net;
using System.Net.Sockets;
using Edge.Services;
using Edge.Settings;
using Edge.Streams;

namespace Edge.Admin;

/// <summary>What is wrong with services that are not HTTP, as far as it can be told without opening their ports.</summary>
internal static class StreamCheck
{
    public static IEnumerable<string> Of(EdgeOptions options, ServiceSet services)
    {
        StreamRoute[] routes = [.. services.Services.Where(service => service.Stream is not null).Select(service => new StreamRoute(service, service.Stream!))];
        var problems = new List<Problem>();
        var ports = StreamPorts.Of(routes, options.GatewayAddresses, new Dictionary<(ProtocolType, IPEndPoint), StreamPort>(), problems);
        problems.AddRange(StreamCircles.Of(routes, ports, options.WebEndPoints));
        foreach (var ((protocol, at), port) in ports)
        {
            if (OwnSetting(options, protocol, at) is { } setting)
            {
                problems.AddRange((port.Whole is { } whole ? [whole] : port.ByName.Routes)
                    .Select(route => new Problem(route.Service.Where, 0, $"services.{route.Name}.listen", $"{at} is Edge's own ({setting})", "choose another port")));
            }
        }

        return problems.Select(problem => problem.ToString());
    }

    private static string? OwnSetting(EdgeOptions options, ProtocolType protocol, IPEndPoint at) => protocol == ProtocolType.Tcp
        ? options.TcpEndPoints.FirstOrDefault(own => own.EndPoint.Equals(at)).Setting
        : options.Dns.Listen.Contains(at) ? "dns.listen" : options.Dns.Transports.Quic.Contains(at) ? "dns.quic-listen" : null;
}

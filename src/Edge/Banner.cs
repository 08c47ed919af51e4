using System.Collections.Immutable;
using System.Net;

namespace Edge;

/// <summary>What Edge says when it has started: where it serves, and three commands to try.</summary>
internal static class Banner
{
    public static void Write(TextWriter to, EdgeOptions options)
    {
        var dns = Reachable(options.Dns.Listen[0]);
        to.WriteLine($"""

            Edge serves {options.NodeHost}
              DNS    {List(options.Dns.Listen)} (UDP and TCP)
              HTTP   {List(options.Gateway.Http)}
              HTTPS  {List(options.Gateway.Https)}
              API    {List(options.Admin.Listen)}
            Try
              dig @{dns.Address} -p {dns.Port} {options.NodeHost} A
              edge explain {options.NodeHost} --from 127.0.0.1
              edge register --name hello --to http://127.0.0.1:9000 -- python3 -m http.server 9000

            """);
        to.Flush();
    }

    private static string List(ImmutableArray<IPEndPoint> endPoints) => endPoints.IsEmpty ? "-" : string.Join(", ", endPoints);

    private static IPEndPoint Reachable(IPEndPoint listen) =>
        listen.Address.Equals(IPAddress.Any) || listen.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.Loopback, listen.Port) : listen;
}

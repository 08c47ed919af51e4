using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Listeners;
using Edge.Names;

namespace Edge;

/// <summary>What Edge says when it has started: where it serves, and three commands to try.</summary>
internal static class Banner
{
    public static void Write(TextWriter to, EdgeOptions options)
    {
        var dns = Reachable(options.Dns.Listen[0]);
        to.WriteLine($"""

            Edge serves {options.NodeHost}
              DNS    {List(options.Dns.Listen)} (UDP and TCP){Encrypted(options.Dns.Transports)}
              HTTP   {List(options.Gateway.Http)}
              HTTPS  {List(options.Gateway.Https)}
              API    {List(options.Admin.Listen)}
            Try
              dig @{dns.Address} -p {dns.Port} {options.NodeHost} A
              {Invocation()} explain {options.NodeHost} --from 127.0.0.1
              {Invocation()} register --name hello --to http://127.0.0.1:9000 -- python3 -m http.server 9000

            """);
        to.Flush();
    }

    private static string Encrypted(TransportOptions transports)
    {
        var tls = transports.Tls.IsEmpty ? "" : $"{Environment.NewLine}  DoT    {List(transports.Tls)}";
        return transports.Quic.IsEmpty || !EncryptedEndPoints.QuicIsSupported ? tls : $"{tls}{Environment.NewLine}  DoQ    {List(transports.Quic)}";
    }

    private static string List(ImmutableArray<IPEndPoint> endPoints) => endPoints.IsEmpty ? "-" : string.Join(", ", endPoints);

    // What a reader can paste into a shell in this folder, whether edge was installed, published or started by dotnet run.
    private static string Invocation()
    {
        var path = Environment.ProcessPath ?? "edge";
        if (Path.GetFileNameWithoutExtension(path) == "dotnet")
        {
            return $"dotnet {Shortest(Path.Combine(AppContext.BaseDirectory, "edge.dll"))}";
        }

        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Contains(Path.GetDirectoryName(path));
        return onPath ? Path.GetFileName(path) : Shortest(path);
    }

    private static string Shortest(string path)
    {
        var relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
        return relative.Length >= path.Length ? path : relative.Contains('/') ? relative : $"./{relative}";
    }

    private static IPEndPoint Reachable(IPEndPoint listen) =>
        listen.Address.Equals(IPAddress.Any) || listen.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.Loopback, listen.Port) : listen;
}

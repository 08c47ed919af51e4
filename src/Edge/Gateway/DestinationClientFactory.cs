using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Edge.Connections;
using Edge.Observability;
using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway;

/// <summary>Makes the HTTP clients that talk to destinations, by YARP's rules with our defaults.</summary>
internal sealed class DestinationClientFactory(IServiceProvider services, RequestTracing tracing, ILogger<ForwarderHttpClientFactory> logger) : ForwarderHttpClientFactory(logger)
{
    /// <summary>In the metadata of a client: the host names of its cluster's https destinations, separated by spaces.</summary>
    public const string TlsNames = "Edge.TlsNames";

    /// <summary>In the metadata of a client: how long a connection may take, where the route says it.</summary>
    public const string ConnectWithin = "Edge.ConnectWithin";

    /// <summary>A destination in the same house answers at once or not at all; YARP waits 15 seconds.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether a destination's certificate is the right one. The TLS handshake carries the host that the client asked
    /// for, because that host is passed on; a certificate that is trusted and made out to the destination's own name is
    /// as good.
    /// </summary>
    public static bool Accepts(X509Certificate? certificate, SslPolicyErrors errors, IReadOnlyList<string> names) => errors switch
    {
        SslPolicyErrors.None => true,
        SslPolicyErrors.RemoteCertificateNameMismatch => certificate is X509Certificate2 shown && names.Any(name => shown.MatchesHostname(name)),
        _ => false,
    };

    protected override bool CanReuseOldClient(ForwarderHttpClientContext context) =>
        base.CanReuseOldClient(context) && Names(context.OldMetadata) == Names(context.NewMetadata) && Within(context.OldMetadata) == Within(context.NewMetadata);

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ConnectTimeout = Within(context.NewMetadata) is { } within ? TimeSpan.Parse(within, CultureInfo.InvariantCulture) : ConnectTimeout;
        // A destination's name is looked up again when its address may have changed.
        handler.RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1;
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
        if (!tracing.IsOn)
        {
            handler.ActivityHeadersPropagator = null;
        }

        var loops = services.GetService<LoopConnector>();
        handler.ConnectCallback = (connection, cancel) =>
        {
            StaleConnections.Opens(connection.InitialRequestMessage);
            return loops is null ? ConnectAsync(connection.DnsEndPoint, cancel) : loops.ConnectAsync(connection.DnsEndPoint, cancel);
        };

        if (Names(context.NewMetadata) is { } names && handler.SslOptions.RemoteCertificateValidationCallback is null)
        {
            var list = names.Split(' ');
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) => Accepts(certificate, errors, list);
        }
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) => new StaleConnections(new PromptUploads(base.WrapHandler(context, handler)));

    // As the framework does it by itself, but for several addresses, of which it tries one after the other.
    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint to, CancellationToken cancel)
    {
        IPAddress[] addresses = IPAddress.TryParse(to.Host, out var address) ? [address] : await System.Net.Dns.GetHostAddressesAsync(to.Host, cancel);
        return new NetworkStream(await AddressRace.ConnectAsync(addresses, to.Port, ConnectToAsync, cancel), ownsSocket: true);
    }

    private static async ValueTask<Socket> ConnectToAsync(IPEndPoint to, CancellationToken cancel)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            KeepAlive.Ask(socket);
            await socket.ConnectAsync(to, cancel);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string? Within(IReadOnlyDictionary<string, string>? metadata) => metadata?.GetValueOrDefault(ConnectWithin);

    private static string? Names(IReadOnlyDictionary<string, string>? metadata) => metadata?.GetValueOrDefault(TlsNames);
}

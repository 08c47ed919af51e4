using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Tests.Whole;

/// <summary>An HTTP client for whom every host is the gateway on the loopback, and only one root is to be trusted.</summary>
internal static class GatewayClient
{
    public static HttpClient Create(string rootPem, int port, bool followRedirects) => new(Handler(rootPem, port, followRedirects)) { Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>A handler for whom every host is the gateway, and who looks at no certificate.</summary>
    public static SocketsHttpHandler Trusting(int port) => new()
    {
        UseProxy = false,
        ConnectCallback = async (_, cancel) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    };

    public static SocketsHttpHandler Handler(string rootPem, int port, bool followRedirects)
    {
        var root = X509CertificateLoader.LoadCertificateFromFile(rootPem);
        return new SocketsHttpHandler
        {
            AllowAutoRedirect = followRedirects,
            UseProxy = false,
            ConnectCallback = async (context, cancel) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port == 443 ? port : context.DnsEndPoint.Port, cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { root },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
    }
}

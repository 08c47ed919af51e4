using System.Net.Security;
using System.Security.Authentication;

namespace Edge.Dns.Listeners;

/// <summary>The server's side of TLS under DNS (RFC 7858 §3.2, RFC 8310 §8.2).</summary>
/// <param name="certificates">Gives the certificate for a server name, null for a client that names none; null when there is none at all.</param>
internal sealed class TlsHandshake(Func<string?, SslStreamCertificateContext?> certificates)
{
    // A client that names no protocol is served; one that names others only gets an alert, so that nobody can make a
    // browser speak to this port (RFC 7858 §3.2, RFC 7301 §3.2).
    private static readonly List<SslApplicationProtocol> Protocols = [new("dot")];

    /// <summary>Completes the handshake.</summary>
    /// <exception cref="AuthenticationException">The client wants what is not offered, or there is no certificate.</exception>
    public Task AuthenticateAsync(SslStream stream, CancellationToken cancel) => stream.AuthenticateAsServerAsync(Choose, this, cancel);

    private static ValueTask<SslServerAuthenticationOptions> Choose(SslStream stream, SslClientHelloInfo hello, object? state, CancellationToken cancel) =>
        ValueTask.FromResult(((TlsHandshake)state!).OptionsFor(hello.ServerName, Protocols));

    /// <summary>What the handshake with a client that names this server is to use.</summary>
    /// <exception cref="AuthenticationException">There is no certificate.</exception>
    public SslServerAuthenticationOptions OptionsFor(string name, List<SslApplicationProtocol> protocols) => new()
    {
        // The context is built once per certificate: a handshake builds no chain and keeps its intermediates.
        ServerCertificateContext = certificates(name.Length == 0 ? null : name) ?? throw new AuthenticationException($"no certificate for \"{name}\""),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = protocols,
    };
}

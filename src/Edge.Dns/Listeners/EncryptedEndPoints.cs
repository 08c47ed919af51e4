using System.Net;
using System.Net.Security;

namespace Edge.Dns.Listeners;

/// <summary>Where DNS is served under encryption, and by which certificates.</summary>
/// <param name="Tls">Addresses for DNS over TLS (RFC 7858); usually port 853.</param>
/// <param name="Certificates">Gives the certificate for a server name, null for a client that names none; null when there is none at all.</param>
public sealed record EncryptedEndPoints(IReadOnlyList<IPEndPoint> Tls, Func<string?, SslStreamCertificateContext?> Certificates)
{
    /// <summary>Addresses for DNS over QUIC (RFC 9250); usually UDP port 853. Without libmsquic they are not served, and the log says so.</summary>
    public IReadOnlyList<IPEndPoint> Quic { get; init; } = [];

    /// <summary>Whether this machine can serve DNS over QUIC.</summary>
    public static bool QuicIsSupported => QuicDnsListener.IsSupported;

    /// <summary>Nowhere.</summary>
    public static readonly EncryptedEndPoints None = new([], _ => null);
}

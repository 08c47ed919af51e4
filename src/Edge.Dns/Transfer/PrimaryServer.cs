using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Transfer;

/// <summary>A server that we have a zone from.</summary>
/// <param name="EndPoint">Where it answers over TCP, or over TLS.</param>
/// <param name="Key">The key that both sign with; null for none.</param>
/// <param name="Tls">How it proves itself over TLS; null for plain TCP.</param>
public sealed record PrimaryServer(IPEndPoint EndPoint, Name? Key = null, PrimaryTls? Tls = null)
{
    /// <inheritdoc/>
    public override string ToString() => Tls is null ? EndPoint.ToString() : $"{EndPoint} (TLS)";
}

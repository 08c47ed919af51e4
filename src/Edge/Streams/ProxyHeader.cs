using System.Net;

namespace Edge.Streams;

/// <summary>What a PROXY protocol header says: who connected to whom.</summary>
/// <param name="Source">The client; null where the proxy speaks for itself (LOCAL, UNKNOWN).</param>
/// <param name="Destination">The endpoint it connected to; null with <paramref name="Source"/>.</param>
internal sealed record ProxyHeader(IPEndPoint? Source, IPEndPoint? Destination)
{
    /// <summary>The proxy's own connection, such as a health check: its address is the socket's.</summary>
    public static readonly ProxyHeader Own = new(null, null);
}

using Edge.Dns.Nameserver;
using Edge.Dns.Wire;

namespace Edge.Dns.Listeners;

/// <summary>What a query over QUIC must not have.</summary>
internal static class QuicQuery
{
    /// <summary>
    /// Whether its ID is 0, since the stream tells queries apart (RFC 9250 §4.2.1), and it asks for no keepalive, which
    /// QUIC has by itself (§5.5.2). Otherwise the client breaks the protocol.
    /// </summary>
    public static bool IsAllowed(ReadOnlySpan<byte> query) =>
        MessageHeader.TryRead(query, out var header) && header.Id == 0 && !QueryOptions.AskForKeepalive(query, header);
}

namespace Edge.Dns.Nameserver;

/// <summary>What transports have in common.</summary>
internal static class TransportKinds
{
    /// <summary>Whether nobody on the way can read the answer, but everybody its length.</summary>
    public static bool IsEncrypted(this Transport transport) => transport is Transport.Tls or Transport.Https or Transport.Quic;
}

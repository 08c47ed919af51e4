using System.Collections.Immutable;

namespace Edge.Dns.Nameserver;

/// <summary>What transports have in common.</summary>
public static class TransportKinds
{
    /// <summary>What they are called, by their numbers.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Enum.GetNames<Transport>().Select(name => name.ToLowerInvariant())];

    /// <summary>Whether nobody on the way can read the answer, but everybody its length.</summary>
    public static bool IsEncrypted(this Transport transport) => transport is Transport.Tls or Transport.Https or Transport.Quic;
}

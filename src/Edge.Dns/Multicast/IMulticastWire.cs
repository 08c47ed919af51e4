using System.Collections.Immutable;
using System.Net;

namespace Edge.Dns.Multicast;

/// <summary>The links of this machine, and the way to the neighbours on them.</summary>
public interface IMulticastWire
{
    /// <summary>The links that are up now.</summary>
    ImmutableArray<MulticastLink> Links { get; }

    /// <summary>Raised after <see cref="Links"/> was replaced.</summary>
    event Action? LinksChanged;

    /// <summary>Raised with every packet, by several threads at once.</summary>
    event Action<MulticastPacket>? Received;

    /// <summary>Sends a message; one that cannot be sent is lost, as it may be on its way.</summary>
    /// <param name="link">Where.</param>
    /// <param name="message">The message.</param>
    /// <param name="to">To whom; null for all.</param>
    void Send(MulticastLink link, ReadOnlySpan<byte> message, IPEndPoint? to);
}

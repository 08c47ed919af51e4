using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Edge.Names.Designation;

/// <summary>The encrypted listeners of this box.</summary>
/// <param name="Tls">Endpoints of DNS over TLS.</param>
/// <param name="Https">Endpoints of the gateway, where it answers DNS over HTTPS; else empty.</param>
/// <param name="HttpsPort">The port that clients use for HTTPS.</param>
/// <param name="Quic">Endpoints of DNS over QUIC, where it runs; else empty.</param>
internal sealed record EncryptedListeners(ImmutableArray<IPEndPoint> Tls, ImmutableArray<IPEndPoint> Https, int HttpsPort, ImmutableArray<IPEndPoint> Quic)
{
    /// <summary>Those that clients reach at one of these addresses: a listener on the loopback is none for the LAN.</summary>
    public ImmutableArray<DesignatedTransport> At(ImmutableArray<IPAddress> addresses)
    {
        var found = ImmutableArray.CreateBuilder<DesignatedTransport>();
        Add(DesignatedProtocol.Tls, Reached(Tls, addresses));
        Add(DesignatedProtocol.Https, HttpsAt(addresses));
        Add(DesignatedProtocol.Quic, Reached(Quic, addresses));
        return found.ToImmutable();

        void Add(DesignatedProtocol protocol, int? port)
        {
            if (port is { } known)
            {
                found.Add(new DesignatedTransport(protocol, known));
            }
        }
    }

    // A port that no listener has is one that a container or a router forwards to us.
    private int? HttpsAt(ImmutableArray<IPAddress> addresses) =>
        Reached(Https, addresses) is { } port ? Https.All(endPoint => endPoint.Port != HttpsPort) ? HttpsPort : port : null;

    private static int? Reached(ImmutableArray<IPEndPoint> listeners, ImmutableArray<IPAddress> addresses) =>
        listeners.FirstOrDefault(endPoint => addresses.Any(address => IsAt(endPoint.Address, address)))?.Port;

    // [::] takes IPv4 as well where it is the only one; a listener for one family is enough for clients to be told of it.
    private static bool IsAt(IPAddress listener, IPAddress address) =>
        listener.Equals(address) || listener.Equals(IPAddress.IPv6Any) || (listener.Equals(IPAddress.Any) && address.AddressFamily == AddressFamily.InterNetwork);
}

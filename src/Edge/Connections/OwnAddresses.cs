using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Edge.Connections;

/// <summary>
/// Tells whether a destination is one of this program's own listeners, as far as its URI shows it. A name that only
/// resolves to us is not looked up here, because loading a route must not wait for DNS: its first request or connection shows it.
/// </summary>
/// <param name="listeners">The listeners, as they are now.</param>
internal sealed class OwnAddresses(Func<IReadOnlyList<IPEndPoint>> listeners)
{
    /// <summary>The listener that <paramref name="destination"/> leads back to; null when it leads elsewhere.</summary>
    public IPEndPoint? LeadsBackTo(Uri destination)
    {
        var port = destination.Port;
        foreach (var listener in listeners())
        {
            if (listener.Port == port && Reaches(destination, listener.Address))
            {
                return listener;
            }
        }

        return null;
    }

    private static bool Reaches(Uri destination, IPAddress listening)
    {
        var host = destination.DnsSafeHost;
        if (!IPAddress.TryParse(host, out var address))
        {
            // RFC 6761 section 6.3: localhost and what lies below it is the loopback, without asking anybody.
            var local = host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
            return local && (IPAddress.IsLoopback(listening) || IsAny(listening));
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (IsAny(address))
        {
            // A connection to 0.0.0.0 or :: goes to the loopback.
            return IPAddress.IsLoopback(listening) || IsAny(listening);
        }

        return address.Equals(listening) || (IsAny(listening) && Covers(listening, address) && IsOfThisBox(address));
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static bool Covers(IPAddress any, IPAddress address) => any.AddressFamily == AddressFamily.InterNetworkV6 || address.AddressFamily == AddressFamily.InterNetwork;

    private static bool IsOfThisBox(IPAddress address)
    {
        if (IPAddress.IsLoopback(address))
        {
            return true;
        }

        try
        {
            return NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(card => card.GetIPProperties().UnicastAddresses)
                .Any(own => own.Address.Equals(address));
        }
        catch (NetworkInformationException)
        {
            // The guard at request time still holds.
            return false;
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace Edge.DynamicDns;

/// <summary>Tells addresses that a name can have from those that nobody reaches.</summary>
internal static class HostAddress
{
    /// <summary>The address, an IPv4 address as one; null for one that is not of a host that others reach.</summary>
    public static IPAddress? Usable(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (plain.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return plain.IsIPv6LinkLocal || plain.IsIPv6Multicast || IPAddress.IsLoopback(plain) || plain.Equals(IPAddress.IPv6Any) || plain.ScopeId != 0 ? null : plain;
        }

        var bytes = plain.GetAddressBytes();
        return bytes[0] is 0 or 127 or >= 224 || (bytes[0] == 169 && bytes[1] == 254) ? null : plain;
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Wire;

namespace Edge.Names.Leases;

/// <summary>The names under which addresses are asked for (RFC 1035 §3.5, RFC 3596 §2.5), and the zones made for them.</summary>
internal static class ReverseName
{
    // RFC 1918, RFC 6598.
    private static readonly IPNetwork[] Private = [.. new[] { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10" }.Select(IPNetwork.Parse)];

    /// <summary>"5.1.168.192.in-addr.arpa" and its like for IPv6.</summary>
    public static Name Of(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return bytes.Length == 4
            ? Name.Parse(string.Create(CultureInfo.InvariantCulture, $"{bytes[3]}.{bytes[2]}.{bytes[1]}.{bytes[0]}.in-addr.arpa"))
            : Name.Parse(string.Concat(bytes.Reverse().Select(value => $"{value & 15:x}.{value >> 4:x}.")) + "ip6.arpa");
    }

    /// <summary>
    /// The zone that an address gets when nobody else has one for it: its /24 or /64, the usual size of a link, so that the
    /// rest of the house's networks can still be asked of others. Of a public IPv4 network only the address itself is ours.
    /// </summary>
    /// <param name="address">The address.</param>
    /// <param name="owner">Its reverse name.</param>
    public static Name ZoneOf(IPAddress address, Name owner)
    {
        var labels = address.AddressFamily == AddressFamily.InterNetworkV6 ? 16 : Private.Any(network => network.Contains(address)) ? 1 : 0;
        for (; labels > 0; labels--)
        {
            owner = owner.Parent!;
        }

        return owner;
    }
}

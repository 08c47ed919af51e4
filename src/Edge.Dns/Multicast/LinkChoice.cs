using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Edge.Dns.Multicast;

/// <summary>On which interfaces mDNS is spoken.</summary>
public static class LinkChoice
{
    // Links of containers, machines inside this one and tunnels: nobody there looks for the services of a house, and their
    // addresses mean nothing elsewhere.
    private static readonly string[] Inner = ["docker", "veth", "br-", "tun", "tap", "virbr", "vnet", "wg", "podman", "cni", "flannel", "cali", "lxc", "lxd", "vmnet", "vboxnet", "tailscale", "zt", "ppp"];

    // RFC 1918, RFC 3927, RFC 6598.
    private static readonly IPNetwork[] Private = [.. new[] { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10" }.Select(text => IPNetwork.Parse(text))];

    /// <summary>Whether an interface of this name is one that people plug something into.</summary>
    public static bool IsOrdinary(string name) => !Inner.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>
    /// Whether an interface with these addresses is that of a house. One with a public IPv4 address is not: what it is connected to is
    /// a provider's, or a data centre's, and so are the neighbours.
    /// </summary>
    public static bool IsOfHouse(ImmutableArray<IPAddress> addresses) => !addresses.Any(address => address.AddressFamily == AddressFamily.InterNetwork && !Private.Any(network => network.Contains(address)));

    /// <summary>The links of the interfaces that are up and carry multicast.</summary>
    /// <param name="isChosen">Whether an interface with this name and these addresses is among them.</param>
    /// <exception cref="NetworkInformationException">The system does not tell.</exception>
    public static ImmutableArray<MulticastLink> Read(Func<string, ImmutableArray<IPAddress>, bool> isChosen)
    {
        var links = ImmutableArray.CreateBuilder<MulticastLink>();
        foreach (var nic in NetworkInterface.GetAllNetworkInterfaces().OrderBy(nic => nic.Name, StringComparer.Ordinal))
        {
            if (nic.OperationalStatus is OperationalStatus.Down or OperationalStatus.NotPresent || nic.NetworkInterfaceType == NetworkInterfaceType.Loopback || !nic.SupportsMulticast)
            {
                continue;
            }

            var properties = nic.GetIPProperties();
            var own = properties.UnicastAddresses.Where(unicast => unicast.PrefixLength > 0).ToList();
            var reached = Reached([.. own.Select(unicast => unicast.Address)]);
            if (own.Count == 0 || !isChosen(nic.Name, reached))
            {
                continue;
            }

            ImmutableArray<IPNetwork> networks = [.. own.Select(Network).Distinct().OrderBy(network => network.ToString(), StringComparer.Ordinal)];
            foreach (var family in own.Select(unicast => unicast.Address.AddressFamily).Distinct().Order())
            {
                if (Index(properties, family) is { } index)
                {
                    links.Add(new MulticastLink(index, nic.Name, family, reached, networks) { Own = [.. own.Select(unicast => unicast.Address)] });
                }
            }
        }

        return links.ToImmutable();
    }

    // An address of the link alone needs the interface beside it, which a record cannot say; where there is no other it is better than none.
    private static ImmutableArray<IPAddress> Reached(ImmutableArray<IPAddress> own)
    {
        var stable = own.Where(address => !address.IsIPv6LinkLocal).ToList();
        return [.. (stable.Count > 0 ? stable : [.. own]).OrderBy(address => address.AddressFamily).ThenBy(address => address.ToString(), StringComparer.Ordinal)];
    }

    private static IPNetwork Network(UnicastIPAddressInformation unicast)
    {
        var bytes = unicast.Address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] &= (byte)(0xFF << (8 - Math.Clamp(unicast.PrefixLength - (i * 8), 0, 8)));
        }

        return new IPNetwork(new IPAddress(bytes), unicast.PrefixLength);
    }

    private static int? Index(IPInterfaceProperties properties, AddressFamily family)
    {
        try
        {
            return family == AddressFamily.InterNetwork ? properties.GetIPv4Properties().Index : properties.GetIPv6Properties().Index;
        }
        catch (NetworkInformationException)
        {
            // The family is switched off for this interface.
            return null;
        }
    }
}

using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Edge.PortMapping;

/// <summary>Addresses of this machine itself that the internet can reach: of a server in a data centre, and of IPv6.</summary>
internal static class OwnInterfaces
{
    // linux/if_addr.h: temporary (RFC 8981), deprecated, tentative, failed. Nobody outside should be told of them.
    private const int Passing = 0x01 | 0x20 | 0x40 | 0x08;

    /// <summary>At most one of each family.</summary>
    public static ImmutableArray<IPAddress> Public()
    {
        try
        {
            var four = NetworkInterface.GetAllNetworkInterfaces()
                .Where(link => link.OperationalStatus == OperationalStatus.Up)
                .SelectMany(link => link.GetIPProperties().UnicastAddresses)
                .Select(unicast => unicast.Address)
                .Where(address => address.AddressFamily == AddressFamily.InterNetwork && AddressScope.IsPublic(address))
                .OrderBy(address => address.ToString(), StringComparer.Ordinal);
            return [.. four.Take(1), .. ReadSix(File.Exists("/proc/net/if_inet6") ? File.ReadAllText("/proc/net/if_inet6") : "").Take(1)];
        }
        catch (Exception unreadable) when (unreadable is NetworkInformationException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Lasting global addresses, the shortest first: those given by hand or by DHCP are shorter than made ones. A line is address, index, length of the prefix, scope, flags, name.</summary>
    public static IEnumerable<IPAddress> ReadSix(string table) => table.Split('\n')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(words => words.Length >= 6 && words[0].Length == 32 && int.TryParse(words[4], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var flags) && (flags & Passing) == 0)
        .Select(words => new IPAddress(Convert.FromHexString(words[0])))
        .Where(AddressScope.IsPublic)
        .OrderBy(address => address.ToString().Length)
        .ThenBy(address => address.ToString(), StringComparer.Ordinal);
}

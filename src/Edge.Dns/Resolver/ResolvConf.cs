using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;

namespace Edge.Dns.Resolver;

/// <summary>The nameservers the system itself uses (resolv.conf(5)).</summary>
internal static class ResolvConf
{
    private const int DnsPort = 53;

    /// <summary>Its nameservers in their order, without this server; empty when the file is not there or names none.</summary>
    public static ImmutableArray<IPEndPoint> Read(string path, ImmutableArray<IPEndPoint> own)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }

        var mine = OwnAddresses(own);
        var wildcard = mine.Contains(IPAddress.Any) || mine.Contains(IPAddress.IPv6Any);
        // A stub such as 127.0.0.53 is an address of this machine without being an address of an interface.
        return [.. Parse(lines).Where(e => !mine.Contains(e.Address) && !(wildcard && IPAddress.IsLoopback(e.Address)))];
    }

    /// <summary>The "nameserver" lines.</summary>
    public static IEnumerable<IPEndPoint> Parse(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 2 && words[0] == "nameserver" && IPAddress.TryParse(words[1], out var address))
            {
                yield return new IPEndPoint(address, DnsPort);
            }
        }
    }

    // Where we listen on a wildcard address, every address of the machine is us.
    private static HashSet<IPAddress> OwnAddresses(ImmutableArray<IPEndPoint> own)
    {
        var found = own.Where(e => e.Port == DnsPort).Select(e => e.Address).ToHashSet();
        if (found.Contains(IPAddress.Any) || found.Contains(IPAddress.IPv6Any))
        {
            found.UnionWith(NetworkInterface.GetAllNetworkInterfaces().SelectMany(n => n.GetIPProperties().UnicastAddresses).Select(u => u.Address));
        }

        return found;
    }
}

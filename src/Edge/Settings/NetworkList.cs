using System.Collections.Immutable;
using System.Net;

namespace Edge.Settings;

/// <summary>A list of networks in edge.yaml; an address is the network of itself alone.</summary>
internal static class NetworkList
{
    public static ImmutableArray<IPNetwork> Read(MapReader section, string key)
    {
        var networks = ImmutableArray.CreateBuilder<IPNetwork>();
        foreach (var item in section.Items(key))
        {
            if (item is ScalarNode { Value: { } text } && Network(text) is { } network)
            {
                networks.Add(network);
            }
            else
            {
                section.Problems.Add(item, $"{(item is ScalarNode scalar ? $"\"{scalar.Value}\"" : item.Kind)} is not an address or a network", "192.168.1.0/24 or 2001:db8:1::/64, with no bits set behind the prefix");
            }
        }

        return networks.ToImmutable();
    }

    private static IPNetwork? Network(string text)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        }

        return IPNetwork.TryParse(text, out var network) ? network : null;
    }
}

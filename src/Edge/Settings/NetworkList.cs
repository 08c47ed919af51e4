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
            string? instead = null;
            if (item is ScalarNode { Value: { } text } && NetworkText.Parse(text, out instead) is { } network)
            {
                networks.Add(network);
            }
            else if (instead is not null)
            {
                section.Problems.Add(item, $"\"{((ScalarNode)item).Value}\" has bits set behind its prefix", $"did you mean {instead}?");
            }
            else
            {
                section.Problems.Add(item, $"{(item is ScalarNode scalar ? $"\"{scalar.Value}\"" : item.Kind)} is not an address or a network", "192.168.1.0/24 or 2001:db8:1::/64, with no bits set behind the prefix");
            }
        }

        return networks.ToImmutable();
    }
}

using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Transfer;
using Edge.Dns.Wire;
using Edge.Settings;

namespace Edge.Names;

/// <summary>The "secondaries" of a zone: an address, or a mapping of address, key and tls.</summary>
internal static class SecondaryOptions
{
    /// <summary>Reads one or a list of them.</summary>
    /// <param name="section">The zone's section.</param>
    /// <param name="keys">The keys there are.</param>
    public static ImmutableArray<TransferPeer> ReadAll(MapReader section, ImmutableArray<KeyOptions> keys)
    {
        var peers = ImmutableArray.CreateBuilder<TransferPeer>();
        foreach (var item in section.Items("secondaries"))
        {
            if (Read(item, section.Problems, keys) is { } peer)
            {
                peers.Add(peer);
            }
        }

        return peers.ToImmutable();
    }

    /// <summary>An address with or without its port.</summary>
    public static IPEndPoint? Address(string? text, Node node, ProblemList problems, int port)
    {
        var address = text is null ? null : EndPointText.Parse(text, port);
        if (address is null || address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any))
        {
            problems.Add(node, text is null ? "has no address" : $"\"{text}\" is not the address of a server", "192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53");
            return null;
        }

        return address;
    }

    /// <summary>The name of a key that there is; null when none is named, or none of that name is there.</summary>
    public static Name? Key(MapReader section, ImmutableArray<KeyOptions> keys)
    {
        if (section.Text("key") is not { } text)
        {
            return null;
        }

        if (Name.TryParse(text, Name.Root, out var name, out _) && keys.Any(key => key.Key.Name == name))
        {
            return name;
        }

        var known = keys.IsEmpty ? "dns.keys has none; make one with: edge key create NAME" : $"dns.keys has {string.Join(", ", keys.Select(key => key.Key.Name.ToHostString()))}";
        section.Problems.Add(section.Node("key")!, $"there is no key \"{text}\"", known);
        return null;
    }

    private static TransferPeer? Read(Node item, ProblemList problems, ImmutableArray<KeyOptions> keys)
    {
        switch (item)
        {
            case ScalarNode { Value: { } text }:
                return Address(text, item, problems, 53) is { } plain ? new TransferPeer(plain) : null;
            case MapNode map:
                var section = new MapReader(map, problems);
                var address = Address(section.Text("address"), section.Node("address") ?? map, problems, 53);
                var key = Key(section, keys);
                var tls = section.Switch("tls") ?? false;
                section.Done();
                return address is null ? null : new TransferPeer(address, key, tls);
            default:
                problems.Add(item, $"is {item.Kind}; an address or a mapping with address, key and tls is needed here");
                return null;
        }
    }
}

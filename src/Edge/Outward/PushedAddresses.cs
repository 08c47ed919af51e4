using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Edge.Outward;

/// <summary>What a name is to have: at most one address of each family.</summary>
/// <param name="IPv4">Null for none.</param>
/// <param name="IPv6">Null for none.</param>
internal sealed record PushedAddresses(string? IPv4, string? IPv6)
{
    public bool IsEmpty => IPv4 is null && IPv6 is null;

    /// <summary>The first address of each family.</summary>
    public static PushedAddresses Of(ImmutableArray<IPAddress> addresses) => new(First(addresses, AddressFamily.InterNetwork), First(addresses, AddressFamily.InterNetworkV6));

    /// <summary>Those of the families that a name has.</summary>
    public PushedAddresses For(OutwardName name) => new(name.HasIPv4 ? IPv4 : null, name.HasIPv6 ? IPv6 : null);

    public override string ToString() => IsEmpty ? "none" : string.Join(", ", ((string?[])[IPv4, IPv6]).OfType<string>());

    private static string? First(ImmutableArray<IPAddress> addresses, AddressFamily family) => addresses.FirstOrDefault(address => address.AddressFamily == family)?.ToString();
}

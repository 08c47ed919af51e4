using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Edge.Dns.Multicast;

/// <summary>One interface in one family: what mDNS takes for a link of its own (RFC 6762 §20).</summary>
/// <param name="Index">The number of the interface.</param>
/// <param name="Interface">Its name.</param>
/// <param name="Family">IPv4 or IPv6.</param>
/// <param name="Addresses">The addresses of the interface, of both families: those that neighbours there reach.</param>
/// <param name="Networks">The networks that are on the interface.</param>
public sealed record MulticastLink(int Index, string Interface, AddressFamily Family, ImmutableArray<IPAddress> Addresses, ImmutableArray<IPNetwork> Networks)
{
    /// <summary>All addresses of the interface, those of the link alone among them: what packets of ours come from.</summary>
    public ImmutableArray<IPAddress> Own { get; init; } = Addresses;

    /// <summary>Whether an address is a neighbour's.</summary>
    public bool IsOnLink(IPAddress address) => address.IsIPv6LinkLocal || Networks.Any(network => network.Contains(address));

    /// <inheritdoc/>
    public bool Equals(MulticastLink? other) =>
        other is not null && IsSame(other) && Interface == other.Interface && Addresses.SequenceEqual(other.Addresses) && Own.SequenceEqual(other.Own) && Networks.SequenceEqual(other.Networks);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Index, Family);

    internal bool IsOwn(IPAddress address) => Own.Any(own => own.AddressFamily == address.AddressFamily && own.GetAddressBytes().AsSpan().SequenceEqual(address.GetAddressBytes()));

    internal bool IsSame(MulticastLink other) => Index == other.Index && Family == other.Family;
}

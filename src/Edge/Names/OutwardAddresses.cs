using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Edge.Names;

/// <summary>What others are told of where this box is.</summary>
internal static class OutwardAddresses
{
    /// <summary>The public addresses, and where no IPv6 address is among them, the machine's own: IPv6 needs no router to be asked.</summary>
    /// <param name="found">The public addresses as they are known.</param>
    /// <param name="own">Gives the addresses of this machine.</param>
    /// <param name="isClosed">Whether somebody outside tried to come in by IPv6, and could not.</param>
    public static ImmutableArray<IPAddress> Of(ImmutableArray<IPAddress> found, Func<IReadOnlyList<InterfaceAddress>> own, bool isClosed) =>
        isClosed || found.Any(address => address.AddressFamily == AddressFamily.InterNetworkV6) || own().FirstOrDefault(one => one is { IsPreferred: true, IsStable: true }) is not { } stable
            ? found
            : [.. found, stable.Address];
}

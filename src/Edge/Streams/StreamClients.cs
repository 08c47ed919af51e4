using System.Net;
using Edge.Services;

namespace Edge.Streams;

/// <summary>Who may use a stream.</summary>
/// <param name="isLan">Knows the clients of the view "lan".</param>
/// <param name="isBanned">Knows the clients that are let in nowhere.</param>
/// <param name="allows">Knows the clients that an <c>allow</c> names; it may have to look a host up.</param>
/// <remarks>All three get IPv4 addresses as IPv4.</remarks>
internal sealed class StreamClients(Func<IPAddress, bool> isLan, Func<IPAddress, bool> isBanned, Func<ServiceAccess, IPAddress, CancellationToken, ValueTask<bool>> allows)
{
    /// <summary>What can be said at once: a service for the LAN does not exist for anybody else, and none for who is banned.</summary>
    public bool MayKnow(IPEndPoint? client, StreamRoute route) => client is null ? !route.IsForLan : Plain(client) is var address && !isBanned(address) && (!route.IsForLan || isLan(address));

    /// <summary>Whether this client may have this route.</summary>
    public ValueTask<bool> MayUseAsync(IPEndPoint? client, StreamRoute route, CancellationToken cancel) =>
        !MayKnow(client, route) ? ValueTask.FromResult(false)
        : route.Access is not { } access ? ValueTask.FromResult(true)
        : client is null ? ValueTask.FromResult(false) : allows(access, Plain(client), cancel);

    private static IPAddress Plain(IPEndPoint client) => client.Address.IsIPv4MappedToIPv6 ? client.Address.MapToIPv4() : client.Address;
}

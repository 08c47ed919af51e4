using System.Net;

namespace Edge.Gateway;

/// <summary>Knows which clients belong to the view "lan".</summary>
/// <param name="isLan">Asks the current views; gets IPv4 addresses as IPv4.</param>
internal sealed class LanClients(Func<IPAddress, bool> isLan)
{
    public bool Contains(IPAddress client) => isLan(client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client);
}

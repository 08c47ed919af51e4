using System.Net;
using Edge.Services.Routing;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>Whether a request's client is in one of the networks that a route names.</summary>
internal sealed class ClientTest
{
    private readonly IPNetwork[] _networks;
    private readonly LanClients? _lan;

    /// <param name="clients">Networks, addresses, and "lan".</param>
    /// <param name="lan">Knows the clients of that view.</param>
    public ClientTest(ValueList<string> clients, LanClients lan)
    {
        _networks = [.. clients.Where(text => text != "lan").Select(NetworkOf)];
        _lan = clients.Contains("lan") ? lan : null;
    }

    public bool Matches(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } client)
        {
            return false;
        }

        client = client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;
        foreach (var network in _networks)
        {
            if (network.Contains(client))
            {
                return true;
            }
        }

        return _lan?.Contains(client) is true;
    }

    private static IPNetwork NetworkOf(string text) => text.Contains('/') ? IPNetwork.Parse(text) : OnlyOne(IPAddress.Parse(text));

    private static IPNetwork OnlyOne(IPAddress address) => new(address, address.GetAddressBytes().Length * 8);
}

using System.Collections.Immutable;
using System.Net;

namespace Edge.Dns.Nameserver;

/// <summary>A handful of networks of both families, asked for each query without an allocation.</summary>
internal sealed class AddressNetworks
{
    private readonly (ClientAddress First, int Length)[] _networks;

    public AddressNetworks(ImmutableArray<IPNetwork> networks) =>
        _networks = [.. networks.Select(network => (ClientAddress.From(network.BaseAddress), network.PrefixLength + (network.BaseAddress.GetAddressBytes().Length == 4 ? 96 : 0)))];

    /// <summary>Whether one of them holds the address.</summary>
    public bool Contains(ClientAddress address)
    {
        foreach (var (first, length) in _networks)
        {
            if (address.SharesPrefix(first, length))
            {
                return true;
            }
        }

        return false;
    }
}

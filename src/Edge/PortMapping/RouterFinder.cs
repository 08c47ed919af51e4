using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Edge.PortMapping.NatPmp;
using Edge.PortMapping.Pcp;
using Edge.PortMapping.Upnp;

namespace Edge.PortMapping;

/// <summary>Finds out what a router speaks.</summary>
/// <param name="nonce">The nonce of our mappings.</param>
/// <param name="port">Where PCP and NAT-PMP are spoken.</param>
/// <param name="time">The clock.</param>
internal sealed class RouterFinder(byte[] nonce, int port, TimeProvider time)
{
    // Not the nonce itself: whoever knows that may take PCP mappings of ours away.
    private readonly string _mark = Convert.ToHexStringLower(SHA256.HashData(nonce).AsSpan(0, 4));

    /// <summary>Our address on the way to a router; null while there is no way.</summary>
    public static IPAddress? LocalTo(IPAddress router)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(new IPEndPoint(router, RouterSocket.Port));
            return ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>The first protocol that does what is wanted; otherwise the first that the router speaks at all; null for none.</summary>
    public async Task<IRouterClient?> FindAsync(IPAddress router, PortMappingOptions options, ImmutableArray<WantedMapping> wanted, CancellationToken cancel)
    {
        IRouterClient? second = null;
        foreach (var protocol in options.Protocols)
        {
            var client = await OpenAsync(protocol, router, options, cancel).ConfigureAwait(false);
            switch (client is null ? MapOutcome.NotSpoken : await ProbeAsync(client, wanted, options, cancel).ConfigureAwait(false))
            {
                case MapOutcome.Made:
                    second?.Dispose();
                    return client;
                case MapOutcome.Taken or MapOutcome.Refused when second is null or PcpClient:
                    // Where nothing can be mapped, one that can be asked for the address says more.
                    second?.Dispose();
                    second = client;
                    break;
                default:
                    client?.Dispose();
                    break;
            }
        }

        return second;
    }

    /// <summary>A client of one protocol; null when there is no way to the router, or no such device.</summary>
    public async Task<IRouterClient?> OpenAsync(string protocol, IPAddress router, PortMappingOptions options, CancellationToken cancel)
    {
        try
        {
            return protocol.ToLowerInvariant() switch
            {
                "pcp" => new PcpClient(new IPEndPoint(router, port), nonce, options.Lifetime, time),
                "nat-pmp" => new NatPmpClient(new IPEndPoint(router, port), time),
                _ => LocalTo(router) is { } local ? await UpnpClient.FindAsync(router, local, _mark, time, cancel).ConfigureAwait(false) : null,
            };
        }
        catch (SocketException)
        {
            // No way to the router at this moment.
            return null;
        }
    }

    // A router that has another device's mapping speaks the protocol all the same.
    private static async Task<MapOutcome> ProbeAsync(IRouterClient client, ImmutableArray<WantedMapping> wanted, PortMappingOptions options, CancellationToken cancel)
    {
        if (wanted.IsEmpty)
        {
            return (await client.AskAddressAsync([], cancel).ConfigureAwait(false)).HasAnswered ? MapOutcome.Made : MapOutcome.NotSpoken;
        }

        return (await client.MapAsync(wanted[0], options.Lifetime, cancel).ConfigureAwait(false)).Outcome;
    }
}

using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Edge.Docker;

/// <summary>The subnets that this machine has an address in.</summary>
internal static class MachineLinks
{
    public static IReadOnlyList<IPNetwork> Current()
    {
        var found = new HashSet<IPNetwork>();
        foreach (var at in NetworkInterface.GetAllNetworkInterfaces().Where(card => card.NetworkInterfaceType != NetworkInterfaceType.Loopback).SelectMany(card => card.GetIPProperties().UnicastAddresses))
        {
            // A single address is no subnet, and a link-local one says nothing of where its link leads.
            if (at.PrefixLength > 0 && at.PrefixLength < (at.Address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128) && !at.Address.IsIPv6LinkLocal)
            {
                found.Add(new IPNetwork(Network(at.Address, at.PrefixLength), at.PrefixLength));
            }
        }

        return [.. found];
    }

    private static IPAddress Network(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var bit = length; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IPAddress(bytes);
    }
}

using System.Net;

namespace Edge.Access;

/// <summary>Who is not banned: the clients of the LAN, and those of <c>access.bans.never</c>.</summary>
internal sealed class ExemptNetworks(BanSetup setup)
{
    /// <summary>Whether somebody of them is in a network, which no program bans then. A network of the LAN may lie anywhere in it.</summary>
    public bool Reach(IPNetwork network, BanOptions options) =>
        setup.IsLan(network.BaseAddress) || setup.IsLan(Last(network)) || setup.LanNetworks().Any(lan => IsWithin(lan, network))
        || options.Never.Any(never => IsWithin(never, network) || IsWithin(network, never));

    /// <summary>Whether nobody else is in a network: a ban of it bans nobody.</summary>
    public bool Fill(IPNetwork network, BanOptions options) =>
        (setup.IsLan(network.BaseAddress) && setup.IsLan(Last(network))) || options.Never.Any(never => IsWithin(network, never));

    /// <summary>Whether one network is a part of another, or the same.</summary>
    public static bool IsWithin(IPNetwork part, IPNetwork whole) => whole.PrefixLength <= part.PrefixLength && whole.Contains(part.BaseAddress);

    private static IPAddress Last(IPNetwork network)
    {
        Span<byte> bytes = stackalloc byte[16];
        network.BaseAddress.TryWriteBytes(bytes, out var length);
        for (var bit = network.PrefixLength; bit < length * 8; bit++)
        {
            bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
        }

        return new IPAddress(bytes[..length]);
    }
}

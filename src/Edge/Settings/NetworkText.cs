using System.Net;

namespace Edge.Settings;

/// <summary>Networks as people write them; an address is the network of itself alone.</summary>
internal static class NetworkText
{
    /// <summary>Null when it is neither.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="instead">What was probably meant: "203.0.113.0/24" for "203.0.113.1/24"; null when nothing suggests itself.</param>
    public static IPNetwork? Parse(string text, out string? instead)
    {
        instead = null;
        if (IPAddress.TryParse(text, out var address) && !text.Contains('%'))
        {
            address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        }

        // Whether bits behind the prefix are taken, dropped or refused has changed from one .NET to the next.
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !IPAddress.TryParse(text.AsSpan(0, slash), out var said) || text.Contains('%') || !byte.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out var prefix))
        {
            return null;
        }

        var bytes = said.GetAddressBytes();
        if (prefix > bytes.Length * 8)
        {
            return null;
        }

        for (var bit = (int)prefix; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        var network = new IPNetwork(new IPAddress(bytes), prefix);
        if (network.BaseAddress.Equals(said))
        {
            return network;
        }

        // Bits behind the prefix are a slip: who wrote them meant another network, or one address.
        instead = network.ToString();
        return null;
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Edge.Dns.Zones.RecordData;

/// <summary>Addresses as zone files write them; stricter than the platform, which takes 127.1 and 0x7f.1 as well.</summary>
internal static class AddressText
{
    /// <summary>Four decimal numbers with dots (RFC 1035 §3.4.1). A leading zero is refused: some programs read it as octal.</summary>
    public static bool TryParseV4(string text, Span<byte> address)
    {
        var parts = text.Split('.');
        if (parts.Length != 4)
        {
            return false;
        }

        for (var i = 0; i < 4; i++)
        {
            if (parts[i].Length is 0 or > 3 || (parts[i].Length > 1 && parts[i][0] == '0')
                || !byte.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out address[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The text form of RFC 4291 §2.2 without a zone index.</summary>
    public static bool TryParseV6(string text, Span<byte> address) =>
        text.Contains(':') && text.AsSpan().IndexOfAnyExcept("0123456789abcdefABCDEF:.") < 0
        && IPAddress.TryParse(text, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetworkV6
        && parsed.TryWriteBytes(address, out _);
}

using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Edge.Names.Filtering;

/// <summary>An address as a person writes it, in full: not 192.168.1 nor 010.0.0.1, which old rules of C make other addresses of.</summary>
internal static class StatedAddress
{
    /// <summary>Reads one; false when it is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text);

    /// <summary>Whether a text is meant as an address, also where it is none: no host is called so.</summary>
    public static bool IsMeant(string text) => text.Contains(':', StringComparison.Ordinal) || text.All(c => char.IsAsciiDigit(c) || c == '.');
}

namespace Edge.Names.Leases;

/// <summary>What tells one DHCP client from another, in a form that is the same in every lease of it; "" when the file does not say.</summary>
internal static class DeviceId
{
    /// <param name="clientId">The client identifier (RFC 2132 §9.14) in hexadecimal, with or without separators; empty when there is none.</param>
    /// <param name="hardware">The hardware address in hexadecimal.</param>
    public static string OfIPv4(ReadOnlySpan<char> clientId, ReadOnlySpan<char> hardware)
    {
        // RFC 4361 §6.1: type 255, four bytes of IAID, then the DUID that the client uses for DHCPv6 as well, whatever its interface.
        var id = Hex(clientId);
        return id.Length > 10 && id.StartsWith("ff", StringComparison.Ordinal) ? OfIPv6(id.AsSpan(10))
            : hardware.Length > 0 ? $"hw {Hex(hardware)}" : Named("id", id);
    }

    /// <param name="duid">The DUID in hexadecimal.</param>
    public static string OfIPv6(ReadOnlySpan<char> duid) => Named("duid", Hex(duid));

    private static string Named(string kind, string hex) => hex.Length > 0 ? $"{kind} {hex}" : "";

    private static string Hex(ReadOnlySpan<char> text)
    {
        var digits = new char[text.Length];
        var count = 0;
        foreach (var c in text)
        {
            if (char.IsAsciiHexDigit(c))
            {
                digits[count++] = char.ToLowerInvariant(c);
            }
        }

        return new string(digits, 0, count);
    }
}

namespace Edge.Names.Leases;

/// <summary>Recognises a lease file by its first telling line.</summary>
internal static class LeaseFormats
{
    /// <returns>The format; null when this line tells nothing.</returns>
    public static LeaseFormat? Of(string line) =>
        line.StartsWith("address,", StringComparison.Ordinal) ? LeaseFormat.Kea
        : line.StartsWith("duid ", StringComparison.Ordinal) || (line.Length > 0 && char.IsAsciiDigit(line[0])) ? LeaseFormat.Dnsmasq
        : line.StartsWith('#') || IscTokens.Of(line).FirstOrDefault() is "lease" or "ia-na" or "ia-ta" or "ia-pd" or "server-duid" or "authoring-byte-order" or "failover" or "default-duid" ? LeaseFormat.Isc
        : null;
}

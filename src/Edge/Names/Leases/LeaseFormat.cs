namespace Edge.Names.Leases;

/// <summary>Which DHCP server writes a lease file.</summary>
internal enum LeaseFormat
{
    /// <summary>dnsmasq: all leases, one on each line, written anew at every change.</summary>
    Dnsmasq,

    /// <summary>Kea's memfile: a CSV journal in which the last line of an address counts, for IPv4 or IPv6.</summary>
    Kea,

    /// <summary>ISC dhcpd: a journal of blocks in which the last block of an address counts, for IPv4 or IPv6.</summary>
    Isc,
}

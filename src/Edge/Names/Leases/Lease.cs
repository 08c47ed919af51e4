using System.Net;

namespace Edge.Names.Leases;

/// <summary>An address that a DHCP server gave to a client for a time.</summary>
/// <param name="Address">The address.</param>
/// <param name="HostName">What the client calls itself, as the server wrote it down; "" when it said nothing.</param>
/// <param name="Device">What tells the client from others: its DUID, its hardware address or its client identifier.</param>
/// <param name="Began">When it was given or last renewed; null where the file does not say.</param>
/// <param name="Ends">When it ends; null for never.</param>
/// <param name="File">The file it stands in, as the user knows it.</param>
/// <param name="Line">The line where it stands.</param>
internal sealed record Lease(IPAddress Address, string HostName, string Device, DateTimeOffset? Began, DateTimeOffset? Ends, string File, int Line);

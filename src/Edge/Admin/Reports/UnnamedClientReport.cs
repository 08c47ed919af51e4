namespace Edge.Admin.Reports;

/// <summary>A DHCP client that has not the name which it gave itself.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Name">What it calls itself.</param>
/// <param name="Reason">Why the name is not served.</param>
/// <param name="Lease">The file and line of its lease.</param>
internal sealed record UnnamedClientReport(string Address, string Name, string Reason, string Lease);

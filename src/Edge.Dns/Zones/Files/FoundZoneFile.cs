using Edge.Dns.Wire;

namespace Edge.Dns.Zones.Files;

/// <summary>One zone file by its name alone.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Display">How the user calls it: "zones/lan/example.com.zone".</param>
/// <param name="View">The view whose folder it is in; null for all views.</param>
/// <param name="Origin">The zone.</param>
internal sealed record FoundZoneFile(string Path, string Display, string? View, Name Origin);

using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>One zone of one view was replaced by another version, appeared or went.</summary>
/// <param name="View">The view.</param>
/// <param name="Origin">The zone's apex.</param>
/// <param name="Before">What was served; null for a zone that is new.</param>
/// <param name="After">What is served now; null for a zone that is gone.</param>
public sealed record ZonePublication(string View, Name Origin, Zone? Before, Zone? After);

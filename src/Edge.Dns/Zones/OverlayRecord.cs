using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>A record laid over a zone by a source that does not own the zone.</summary>
/// <param name="View">The view it is for; null for every view.</param>
/// <param name="Record">The record.</param>
/// <param name="Mode">What happens where the zone's files declare the same owner.</param>
public sealed record OverlayRecord(string? View, ResourceRecord Record, OverlayMode Mode);

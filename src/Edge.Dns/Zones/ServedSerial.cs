namespace Edge.Dns.Zones;

/// <summary>Under which serial a version of a zone was served.</summary>
/// <param name="Serial">The serial.</param>
/// <param name="Digest">What the version said, as one number.</param>
public readonly record struct ServedSerial(uint Serial, ulong Digest);

using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>What one zone file says.</summary>
/// <param name="Records">The records that could be read, in the order of the file.</param>
/// <param name="Problems">Everything in it that cannot be read, and what is doubtful about its lines.</param>
public sealed record ZoneFileReading(IReadOnlyList<ResourceRecord> Records, ImmutableArray<ZoneProblem> Problems);

using System.Collections.Immutable;
using Edge.Dns.Zones.Packed;

namespace Edge.Dns.Zones.MasterFile;

/// <summary>All that one zone file says, and all that is wrong with it.</summary>
/// <param name="Records">The records that could be read, in the order of the file.</param>
/// <param name="Problems">Everything wrong, in the order of the file.</param>
/// <param name="Included">The names given to $INCLUDE, as the opener took them; whether they could be read or not.</param>
internal sealed record ZoneFileResult(PackedRecords Records, ImmutableArray<ZoneProblem> Problems, ImmutableArray<string> Included);

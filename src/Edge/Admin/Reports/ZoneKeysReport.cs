using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>The keys of a zone.</summary>
/// <param name="Zone">The zone, with its dot.</param>
/// <param name="Signed">Whether edge.yaml has it signed.</param>
/// <param name="Served">Whether it is a zone of this Edge at all.</param>
/// <param name="Denial">compact or nsec; null when it is not signed.</param>
/// <param name="Folder">Where the keys lie.</param>
/// <param name="Keys">Each of them.</param>
/// <param name="Rollover">What a rollover under way waits for; null when there is none.</param>
internal sealed record ZoneKeysReport(string Zone, bool Signed, bool Served, string? Denial, string Folder, ImmutableArray<ZoneKeyReport> Keys, string? Rollover);

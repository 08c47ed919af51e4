using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>All zones served, and what is wrong with their files now.</summary>
internal sealed record ZonesReport(ImmutableArray<ZoneReport> Zones, ImmutableArray<string> Problems);

using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>One zone as one view sees it.</summary>
internal sealed record ZoneReport(string Origin, string View, uint Serial, int RRsets);

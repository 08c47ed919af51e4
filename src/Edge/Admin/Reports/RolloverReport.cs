using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>What a step of a rollover did, and what comes next.</summary>
/// <param name="Lines">The words.</param>
/// <param name="Ended">Whether the rollover is over.</param>
internal sealed record RolloverReport(ImmutableArray<string> Lines, bool Ended);

using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>What was found in the LAN and is not served by that.</summary>
/// <param name="Types">The types that are looked for; none when nothing is.</param>
/// <param name="Services">What was found.</param>
internal sealed record FoundServicesReport(ImmutableArray<string> Types, ImmutableArray<FoundServiceReport> Services)
{
    /// <summary>Types that there are in the LAN and that are not looked for.</summary>
    public ImmutableArray<string> OtherTypes { get; init; } = [];
}

using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>One service in effect, whatever declared it.</summary>
/// <param name="LeaseSeconds">Seconds until its lease ends; null for a service that stays.</param>
internal sealed record ServiceReport(
    string Name,
    ImmutableArray<string> Hosts,
    ImmutableArray<string> To,
    string Expose,
    string Source,
    string Where,
    int? LeaseSeconds);

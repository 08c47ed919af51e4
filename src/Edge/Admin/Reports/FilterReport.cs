using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>What is blocked now: how much, from where, and how often it was.</summary>
/// <param name="Names">Names that have rules.</param>
/// <param name="Bytes">Memory that they take.</param>
/// <param name="PausedUntil">Until when nothing is blocked; null when that is not so.</param>
/// <param name="Lists">The lists.</param>
/// <param name="Settings">The rules that stand in the settings.</param>
/// <param name="Groups">The groups of clients, with what counts for them now.</param>
/// <param name="BlockedByHours">Questions that were blocked for their hour alone.</param>
internal sealed record FilterReport(
    int Names,
    long Bytes,
    DateTimeOffset? PausedUntil,
    ImmutableArray<FilterListReport> Lists,
    ImmutableArray<FilterSettingsReport> Settings,
    ImmutableArray<FilterGroupReport> Groups,
    long BlockedByHours);

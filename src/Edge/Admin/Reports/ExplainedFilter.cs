namespace Edge.Admin.Reports;

/// <summary>What the filter does with a name for one client, and why.</summary>
/// <param name="State">"passed", "allowed", "blocked" or "answered".</param>
/// <param name="Group">The client's group.</param>
/// <param name="Why">The rule and where it stands, in words.</param>
/// <param name="Rule">The rule as it is written; null when none decides.</param>
/// <param name="Source">The list or the key of the settings that it stands in.</param>
/// <param name="File">The file in which its line can be read.</param>
/// <param name="Line">Its line there.</param>
/// <param name="LeadsTo">The blocked name that the answer leads to, when that is why.</param>
/// <param name="ToAllow">What to write into edge.yaml so that it is allowed.</param>
internal sealed record ExplainedFilter(
    string State,
    string Group,
    string Why,
    string? Rule = null,
    string? Source = null,
    string? File = null,
    int? Line = null,
    string? LeadsTo = null,
    string? ToAllow = null);

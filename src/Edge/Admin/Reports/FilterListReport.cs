using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>One list.</summary>
/// <param name="Name">What the settings call it.</param>
/// <param name="From">Where it is from.</param>
/// <param name="Rules">Rules in use.</param>
/// <param name="NotForNames">Lines that are about pages and not about names.</param>
/// <param name="Unusable">Lines that cannot be used.</param>
/// <param name="Hits">Questions that it blocked.</param>
/// <param name="Fetched">When its text came; null for a file, or when it never came.</param>
/// <param name="Checked">When its server last said that this is its text.</param>
/// <param name="Due">When it is asked for next.</param>
/// <param name="Error">What went wrong last; null when nothing did.</param>
/// <param name="Problems">The first lines that cannot be used.</param>
internal sealed record FilterListReport(
    string Name,
    string From,
    int Rules,
    int NotForNames,
    int Unusable,
    long Hits,
    DateTimeOffset? Fetched,
    DateTimeOffset? Checked,
    DateTimeOffset? Due,
    string? Error,
    ImmutableArray<string> Problems);

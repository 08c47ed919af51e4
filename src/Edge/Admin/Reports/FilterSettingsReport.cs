namespace Edge.Admin.Reports;

/// <summary>Rules that stand in the settings.</summary>
/// <param name="Key">Where they stand: "filter.block".</param>
/// <param name="Rules">Their number.</param>
/// <param name="Hits">Questions that they blocked.</param>
internal sealed record FilterSettingsReport(string Key, int Rules, long Hits);

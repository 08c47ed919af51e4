using System.Text.Json.Serialization;

namespace Edge.Admin.Reports;

/// <summary>A ban to be made.</summary>
/// <param name="Network">An address or a network.</param>
/// <param name="Reason">Why.</param>
/// <param name="Seconds">For how long; the next step of growing times when left out.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record NewBan(string? Network, string? Reason = null, long? Seconds = null);

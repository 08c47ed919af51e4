namespace Edge.Services.Routing;

/// <summary>The service is closed for a while: 503, with a text of its own, or a page from a file.</summary>
/// <param name="Text">What is said; null for the gateway's own words.</param>
/// <param name="File">An HTML file with the whole page; null for none.</param>
internal sealed record MaintenanceAnswer(string? Text, string? File) : RouteAnswer;

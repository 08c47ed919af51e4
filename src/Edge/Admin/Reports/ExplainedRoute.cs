using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>A route that requests for the name may take from this client, by its path; with the reason where it is refused.</summary>
internal sealed record ExplainedRoute(string Id, string Where, string? Path, ImmutableArray<ExplainedDestination> Destinations, string? Refused);

using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>A route that requests for the name may take from this client.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Where">Where it was declared.</param>
/// <param name="Path">The path it asks for, and what else; null for any.</param>
/// <param name="Destinations">Where requests go.</param>
/// <param name="Refused">Why it is not served; null when it is.</param>
/// <param name="Access">What this client has to be, or to show; null for nothing.</param>
/// <param name="Takes">Whether it takes a GET of the URL that was asked about; null when only a name was.</param>
internal sealed record ExplainedRoute(string Id, string Where, string? Path, ImmutableArray<ExplainedDestination> Destinations, string? Refused, ImmutableArray<string>? Access = null, bool? Takes = null);

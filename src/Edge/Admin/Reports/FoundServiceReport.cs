using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>A service that a neighbour says he has.</summary>
/// <param name="Name">The name it would get here.</param>
/// <param name="Instance">What the neighbour calls it, in characters that do nothing to a terminal.</param>
/// <param name="Type">Its type: "_http._tcp".</param>
/// <param name="Host">Its host in mDNS.</param>
/// <param name="To">Where it would be forwarded to; null for what is no web service.</param>
/// <param name="Text">What is said of it.</param>
/// <param name="Interface">Where it was heard.</param>
/// <param name="AdoptedAs">The service that leads there already; null when none does.</param>
internal sealed record FoundServiceReport(string Name, string Instance, string Type, string Host, string? To, ImmutableArray<string> Text, string Interface, string? AdoptedAs);

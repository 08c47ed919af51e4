using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>What one client gets for one name, and where each piece of it came from.</summary>
internal sealed record Explanation(
    string Name,
    string From,
    ExplainedView View,
    string? Zone,
    ExplainedFilter? Filter,
    ImmutableArray<ExplainedAnswer> Answers,
    string? Service,
    ExplainedCertificate? Certificate,
    ImmutableArray<ExplainedRoute> Routes,
    ImmutableArray<string> Notes);

using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>The answer for one type: what was found ("exact", "wildcard *.nas.example.com.", "no such name") and its records.</summary>
internal sealed record ExplainedAnswer(string Type, string Found, ImmutableArray<ExplainedRecord> Records);

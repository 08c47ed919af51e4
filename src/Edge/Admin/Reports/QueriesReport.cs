using System.Collections.Immutable;
using Edge.Dns.Queries;

namespace Edge.Admin.Reports;

/// <summary>The latest queries.</summary>
/// <param name="Recording">Whether queries are recorded at all.</param>
/// <param name="Queries">The queries, the latest last.</param>
internal sealed record QueriesReport(bool Recording, ImmutableArray<RecordedQuery> Queries);

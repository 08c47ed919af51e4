using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>The services in effect, and the declarations that lost to another.</summary>
internal sealed record ServicesReport(ImmutableArray<ServiceReport> Services, ImmutableArray<string> Conflicts);

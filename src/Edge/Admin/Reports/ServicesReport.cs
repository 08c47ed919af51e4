using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>Every declared service, and what is wrong with them.</summary>
/// <param name="Services">Ordered by name; one that lost its name to another of that name stands behind it.</param>
/// <param name="Conflicts">Declarations that lost to another, by the rule: file over API over Docker over mDNS, and within one of these whoever has it.</param>
/// <param name="Problems">What is wrong in files, labels and ports.</param>
internal sealed record ServicesReport(ImmutableArray<ServiceReport> Services, ImmutableArray<string> Conflicts, ImmutableArray<string> Problems);

using System.Collections.Immutable;

namespace Edge.Certificates;

/// <summary>A certificate to obtain from a public CA.</summary>
/// <param name="Id">Which one.</param>
/// <param name="Names">The names to order.</param>
/// <param name="DueAt">When; in the past: now.</param>
internal sealed record RenewalJob(CertificateId Id, ImmutableArray<string> Names, DateTimeOffset DueAt);

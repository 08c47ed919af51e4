using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>One certificate: what it covers, who issued it, until when, and how its renewal stands.</summary>
internal sealed record CertificateReport(ImmutableArray<string> Names, string Issuer, DateTimeOffset? NotAfter, string State, string? Detail, string? Path)
{
    /// <summary>When it is renewed or tried again.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>Where the CA says why it wants it renewed at that time.</summary>
    public string? Explanation { get; init; }
}

using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>The certificate a handshake for the name presents.</summary>
internal sealed record ExplainedCertificate(ImmutableArray<string> Names, string Issuer, DateTimeOffset NotAfter, string State);

using System.Collections.Immutable;
using Edge.Acme;

namespace Edge.Certificates;

/// <summary>One certificate as it lies on the disk and in memory.</summary>
/// <param name="Id">Which one.</param>
/// <param name="Names">The names it is wanted for; may differ from those in the certificate after a change.</param>
/// <param name="Certificate">Null while there is none yet.</param>
/// <param name="State">How obtaining goes.</param>
internal sealed record StoredCertificate(CertificateId Id, ImmutableArray<string> Names, ServedCertificate? Certificate, RenewalState State);

using System.Collections.Immutable;

namespace Edge.Acme;

/// <summary>A newOrder (RFC 8555 §7.4).</summary>
/// <param name="Identifiers">What the certificate is for.</param>
/// <param name="Profile">The profile, where one is wanted.</param>
/// <param name="Replaces">The certificate it replaces (RFC 9773 §5), as <see cref="CertificateIdentity"/> writes it.</param>
internal sealed record AcmeOrderRequest(ImmutableArray<AcmeIdentifier> Identifiers, string? Profile = null, string? Replaces = null);

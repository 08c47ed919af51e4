using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Access.ClientCertificates;

/// <summary>The CAs whose certificates let clients in: the content of one file at one moment. Public roots count for nothing here.</summary>
/// <param name="Roots">Where chains may end: certificates that signed themselves.</param>
/// <param name="Intermediates">CAs below them that the file has as well, so that clients need not send them.</param>
internal sealed record ClientAuthorities(ImmutableArray<X509Certificate2> Roots, ImmutableArray<X509Certificate2> Intermediates);

using System.Security.Cryptography.X509Certificates;

namespace Edge.Acme;

/// <summary>The certificate that another one is to take the place of.</summary>
/// <param name="Issuer">The CA that gave it.</param>
/// <param name="Leaf">The certificate.</param>
/// <param name="NotBefore">Its first moment.</param>
/// <param name="NotAfter">Its end.</param>
internal sealed record HeldCertificate(string Issuer, X509Certificate2 Leaf, DateTimeOffset NotBefore, DateTimeOffset NotAfter);

namespace Edge.Acme;

/// <summary>A certificate as an issuer gives it.</summary>
/// <param name="ChainPem">The leaf and what links it to its root, without the root, in PEM.</param>
/// <param name="KeyPem">Its private key, PKCS #8 in PEM.</param>
internal sealed record IssuedCertificate(string ChainPem, string KeyPem);

namespace Edge.Dns.Signing.Keys;

/// <summary>The algorithms that zones are signed with, by their IANA numbers (RFC 8624 §3.1 recommends both).</summary>
public enum SigningAlgorithm : byte
{
    /// <summary>ECDSA on P-256 with SHA-256 (RFC 6605), which every validator knows.</summary>
    EcdsaP256Sha256 = 13,

    /// <summary>Ed25519 (RFC 8080).</summary>
    Ed25519 = 15,
}

namespace Edge.Dns.Signing.Keys;

/// <summary>The secret half of a zone's key. Any number of threads may sign with it at once.</summary>
public abstract class PrivateKey
{
    /// <summary>What it signs with.</summary>
    public abstract SigningAlgorithm Algorithm { get; }

    /// <summary>The public key as DNSKEY data carries it: 64 bytes for P-256 (RFC 6605 §4), 32 for Ed25519 (RFC 8080 §3).</summary>
    public abstract ReadOnlySpan<byte> PublicKey { get; }

    /// <summary>The secret: 32 bytes for both algorithms.</summary>
    public abstract ReadOnlySpan<byte> Secret { get; }

    /// <summary>The signature as RRSIG data carries it: 64 bytes for both algorithms.</summary>
    public abstract byte[] Sign(ReadOnlySpan<byte> data);

    /// <summary>A new key.</summary>
    public static PrivateKey Create(SigningAlgorithm algorithm) =>
        algorithm == SigningAlgorithm.Ed25519 ? Ed25519PrivateKey.Create() : EcdsaPrivateKey.Create();

    /// <summary>The key with this secret.</summary>
    /// <exception cref="FormatException">The secret is none of this algorithm.</exception>
    public static PrivateKey FromSecret(SigningAlgorithm algorithm, ReadOnlySpan<byte> secret) => secret.Length != 32
        ? throw new FormatException("the secret of a key is 32 bytes long")
        : algorithm == SigningAlgorithm.Ed25519 ? Ed25519PrivateKey.FromSecret(secret) : EcdsaPrivateKey.FromSecret(secret);
}

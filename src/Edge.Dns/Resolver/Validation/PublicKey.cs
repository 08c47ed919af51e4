namespace Edge.Dns.Resolver.Validation;

/// <summary>The public half of a zone's key. Any number of threads may verify with it.</summary>
internal abstract class PublicKey
{
    /// <summary>Whether signatures of an algorithm can be verified here.</summary>
    /// <remarks>
    /// RFC 8624 §3.1. RSA with SHA-1 (5 and 7) is treated as unsupported, which RFC 9905 §2 demands of operators:
    /// zones that have nothing better count as unsigned.
    /// </remarks>
    public static bool Knows(byte algorithm) => algorithm is 8 or 10 or 13 or 14 or 15 or 16;

    /// <summary>Reads the key of DNSKEY data; null when it is none of its algorithm.</summary>
    public static PublicKey? Read(byte algorithm, ReadOnlySpan<byte> key) => algorithm switch
    {
        8 or 10 => RsaPublicKey.Read(algorithm, key),
        13 or 14 => EcdsaPublicKey.Read(algorithm, key),
        15 or 16 => EdwardsPublicKey.Read(algorithm, key),
        _ => null,
    };

    /// <summary>Whether a signature is this key's over the data.</summary>
    public abstract bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);
}

using System.Security.Cryptography;

namespace Edge.Dns.Resolver.Validation;

/// <summary>ECDSA on P-256 with SHA-256 or on P-384 with SHA-384 (RFC 6605).</summary>
internal sealed class EcdsaPublicKey : PublicKey
{
    // The base library promises thread safety for no instance.
    private readonly Lock _gate = new();
    private readonly ECDsa _key;
    private readonly HashAlgorithmName _hash;
    private readonly int _length;

    private EcdsaPublicKey(ECDsa key, HashAlgorithmName hash, int length) => (_key, _hash, _length) = (key, hash, length);

    public static new EcdsaPublicKey? Read(byte algorithm, ReadOnlySpan<byte> key)
    {
        // RFC 6605 §4: the two coordinates of the point, nothing before them.
        var (curve, hash, half) = algorithm == 13
            ? (ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256, 32)
            : (ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384, 48);
        if (key.Length != 2 * half)
        {
            return null;
        }

        try
        {
            var point = new ECPoint { X = key[..half].ToArray(), Y = key[half..].ToArray() };
            return new EcdsaPublicKey(ECDsa.Create(new ECParameters { Curve = curve, Q = point }), hash, key.Length);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public override bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != _length)
        {
            return false;
        }

        lock (_gate)
        {
            try
            {
                return _key.VerifyData(data, signature, _hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            }
            catch (CryptographicException)
            {
                return false;
            }
        }
    }
}

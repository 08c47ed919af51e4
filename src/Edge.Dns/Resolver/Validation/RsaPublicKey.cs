using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Edge.Dns.Resolver.Validation;

/// <summary>RSA with SHA-256 or SHA-512 (RFC 5702), the key in the form of RFC 3110 §2.</summary>
internal sealed class RsaPublicKey : PublicKey
{
    // RFC 5702 §2: 512 to 4096 bits. Larger ones would only cost time, and so would large exponents.
    private const int LeastModulus = 512 / 8;
    private const int MostModulus = 4096 / 8;
    private const int MostExponent = 8;

    // The base library promises thread safety for no instance.
    private readonly Lock _gate = new();
    private readonly RSA _key;
    private readonly HashAlgorithmName _hash;

    private RsaPublicKey(RSA key, HashAlgorithmName hash) => (_key, _hash) = (key, hash);

    public static new RsaPublicKey? Read(byte algorithm, ReadOnlySpan<byte> key)
    {
        if (key.Length < 3)
        {
            return null;
        }

        var (start, length) = key[0] != 0 ? (1, key[0]) : (3, BinaryPrimitives.ReadUInt16BigEndian(key[1..]));
        if (key.Length < start + length)
        {
            return null;
        }

        var exponent = key.Slice(start, length).TrimStart((byte)0);
        var modulus = key[(start + length)..].TrimStart((byte)0);
        if (exponent.Length is 0 or > MostExponent || modulus.Length is < LeastModulus or > MostModulus)
        {
            return null;
        }

        try
        {
            var parameters = new RSAParameters { Exponent = exponent.ToArray(), Modulus = modulus.ToArray() };
            return new RsaPublicKey(RSA.Create(parameters), algorithm == 8 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA512);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public override bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        lock (_gate)
        {
            try
            {
                return _key.VerifyData(data, signature, _hash, RSASignaturePadding.Pkcs1);
            }
            catch (CryptographicException)
            {
                return false;
            }
        }
    }
}

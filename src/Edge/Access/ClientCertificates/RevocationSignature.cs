using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Access.ClientCertificates;

/// <summary>Signatures of CAs under lists of revoked certificates (RFC 4055 §5, RFC 5758 §3.2).</summary>
internal static class RevocationSignature
{
    /// <summary>Whether such signatures can be looked at.</summary>
    public static bool IsKnown(string algorithm) => Hash(algorithm) != default;

    /// <summary>Whether a CA's key made a signature.</summary>
    public static bool IsGood(X509Certificate2 authority, byte[] data, string algorithm, byte[] signature)
    {
        var hash = Hash(algorithm);
        if (hash == default)
        {
            return false;
        }

        if (algorithm.StartsWith("1.2.840.10045.", StringComparison.Ordinal))
        {
            using var elliptic = authority.GetECDsaPublicKey();
            return elliptic?.VerifyData(data, signature, hash, DSASignatureFormat.Rfc3279DerSequence) == true;
        }

        using var rsa = authority.GetRSAPublicKey();
        return rsa?.VerifyData(data, signature, hash, RSASignaturePadding.Pkcs1) == true;
    }

    private static HashAlgorithmName Hash(string algorithm) => algorithm switch
    {
        "1.2.840.10045.4.3.2" or "1.2.840.113549.1.1.11" => HashAlgorithmName.SHA256,
        "1.2.840.10045.4.3.3" or "1.2.840.113549.1.1.12" => HashAlgorithmName.SHA384,
        "1.2.840.10045.4.3.4" or "1.2.840.113549.1.1.13" => HashAlgorithmName.SHA512,
        _ => default,
    };
}

using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Edge.Acme;

/// <summary>The P-256 key of an ACME account: signs requests (ES256) and makes key authorizations. Never the key of a certificate.</summary>
internal sealed class AccountKey : IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _gate = new();

    private AccountKey(ECDsa key)
    {
        _key = key;
        var point = key.ExportParameters(false).Q;
        Jwk = JsonWebKey.Canonical(("crv", "P-256"), ("kty", "EC"), ("x", Base64Url.EncodeToString(point.X)), ("y", Base64Url.EncodeToString(point.Y)));
        Thumbprint = JsonWebKey.Thumbprint(Jwk);
    }

    /// <summary>The public key as a JWK in canonical form.</summary>
    public string Jwk { get; }

    /// <summary>RFC 7638 §3, base64url.</summary>
    public string Thumbprint { get; }

    public static AccountKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <exception cref="CryptographicException">The text is not the private key of a P-256 account.</exception>
    public static AccountKey FromPem(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return key.KeySize == 256 ? new AccountKey(key) : throw new CryptographicException("an account key must be on the curve P-256");
        }
        catch (ArgumentException wrong)
        {
            key.Dispose();
            throw new CryptographicException($"not an EC private key in PEM: {wrong.Message}", wrong);
        }
    }

    public string ToPem() => _key.ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>An ES256 signature: R and S, 32 bytes each, not DER (RFC 7518 §3.4).</summary>
    public byte[] Sign(byte[] data)
    {
        lock (_gate)
        {
            return _key.SignData(data, HashAlgorithmName.SHA256);
        }
    }

    /// <summary>RFC 8555 §8.1.</summary>
    public string KeyAuthorization(string token) => $"{token}.{Thumbprint}";

    public void Dispose() => _key.Dispose();
}

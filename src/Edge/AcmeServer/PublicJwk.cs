using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Edge.Acme;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Edge.AcmeServer;

/// <summary>Somebody else's public key as a JWK (RFC 7517), and the signatures it makes: ES256, ES384, RS256 (RFC 7518 §3.1) and EdDSA (RFC 8037 §3.1).</summary>
internal sealed class PublicJwk
{
    private const int LeastRsaBits = 2048;
    private const int MostRsaBits = 8192;

    /// <summary>All algorithms that are known here. Ed25519 is another word for EdDSA with that curve (RFC 9864 §2.2).</summary>
    public static readonly ImmutableArray<string> Algorithms = ["ES256", "ES384", "RS256", "EdDSA", "Ed25519"];

    private PublicJwk(string canonical, string algorithm, Func<byte[], byte[], bool> verify)
    {
        Canonical = canonical;
        Thumbprint = JsonWebKey.Thumbprint(canonical);
        Algorithm = algorithm;
        Verify = verify;
    }

    /// <summary>The key in canonical form (RFC 7638 §3).</summary>
    public string Canonical { get; }

    public string Thumbprint { get; }

    /// <summary>The algorithm that goes with the key.</summary>
    public string Algorithm { get; }

    /// <summary>Whether a header's algorithm is that of the key.</summary>
    public bool Signs(string? algorithm) => algorithm == Algorithm || (algorithm == "Ed25519" && Algorithm == "EdDSA");

    /// <summary>Whether data has this signature of the key.</summary>
    public Func<byte[], byte[], bool> Verify { get; }

    /// <summary>Reads a key; null where it is none that can be used.</summary>
    public static PublicJwk? Read(JsonElement jwk)
    {
        try
        {
            return Json.Text(jwk, "kty") switch
            {
                "EC" => Elliptic(jwk),
                "RSA" => Rsa(jwk),
                "OKP" => Edwards(jwk),
                _ => null,
            };
        }
        catch (Exception unusable) when (unusable is CryptographicException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Reads what <see cref="Canonical"/> wrote.</summary>
    public static PublicJwk? Read(string canonical)
    {
        using var json = JsonDocument.Parse(canonical);
        return Read(json.RootElement);
    }

    private static PublicJwk? Elliptic(JsonElement jwk)
    {
        var (curve, hash, algorithm, length) = Json.Text(jwk, "crv") switch
        {
            "P-256" => (ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256, "ES256", 32),
            "P-384" => (ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384, "ES384", 48),
            _ => default,
        };
        if (algorithm is null || Bytes(jwk, "x") is not { } x || Bytes(jwk, "y") is not { } y || x.Length != length || y.Length != length)
        {
            return null;
        }

        // A point beside the curve throws here, not at the first signature.
        var parameters = new ECParameters { Curve = curve, Q = new ECPoint { X = x, Y = y } };
        using (ECDsa.Create(parameters))
        {
        }

        var canonical = JsonWebKey.Canonical(("crv", Json.Text(jwk, "crv")!), ("kty", "EC"), ("x", Base64Url.EncodeToString(x)), ("y", Base64Url.EncodeToString(y)));
        return new PublicJwk(canonical, algorithm, (data, signature) =>
        {
            using var key = ECDsa.Create(parameters);
            return key.VerifyData(data, signature, hash);
        });
    }

    private static PublicJwk? Rsa(JsonElement jwk)
    {
        if (Bytes(jwk, "n") is not { } modulus || Bytes(jwk, "e") is not { Length: <= 8 } exponent || modulus.Length * 8 is < LeastRsaBits or > MostRsaBits)
        {
            return null;
        }

        var parameters = new RSAParameters { Modulus = modulus, Exponent = exponent };
        using (RSA.Create(parameters))
        {
        }

        var canonical = JsonWebKey.Canonical(("e", Base64Url.EncodeToString(exponent)), ("kty", "RSA"), ("n", Base64Url.EncodeToString(modulus)));
        return new PublicJwk(canonical, "RS256", (data, signature) =>
        {
            using var key = RSA.Create(parameters);
            return key.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        });
    }

    // RFC 8037 §2. The base library has no Ed25519: see docs/decisions/0007-ed25519.md.
    private static PublicJwk? Edwards(JsonElement jwk)
    {
        if (Json.Text(jwk, "crv") != "Ed25519" || Bytes(jwk, "x") is not { Length: 32 } point || !Ed25519.ValidatePublicKeyFull(point, 0))
        {
            return null;
        }

        var canonical = JsonWebKey.Canonical(("crv", "Ed25519"), ("kty", "OKP"), ("x", Base64Url.EncodeToString(point)));
        return new PublicJwk(canonical, "EdDSA", (data, signature) => signature.Length == Ed25519.SignatureSize && Ed25519.Verify(signature, 0, point, 0, data, 0, data.Length));
    }

    private static byte[]? Bytes(JsonElement jwk, string name) => Json.Text(jwk, name) is { Length: > 0 and < 2048 } text ? Base64Url.DecodeFromChars(text) : null;
}

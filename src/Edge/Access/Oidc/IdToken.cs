using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Edge.Settings;

namespace Edge.Access.Oidc;

/// <summary>Checks an id token: its signature (RFC 7515) and its claims (OpenID Connect Core 1.0 section 3.1.3.7).</summary>
internal static class IdToken
{
    private const int MostCharacters = 64 << 10;
    private const int LeastRsaBits = 2048;

    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    // A claim said twice could be one for us and another for somebody else.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The claims; null with the reason when the token is not to be believed.</summary>
    /// <param name="token">The token.</param>
    /// <param name="keys">The provider's keys: a JSON web key set (RFC 7517).</param>
    /// <param name="issuer">Who must have made it.</param>
    /// <param name="client">For whom.</param>
    /// <param name="nonce">For which login; null where there is none, when a session is refreshed.</param>
    /// <param name="now">The time.</param>
    /// <param name="wrong">Why not.</param>
    /// <param name="unknownKey">The key is not among those known: there may be new ones.</param>
    public static JsonElement? Read(string token, JsonElement keys, string issuer, string client, string? nonce, DateTimeOffset now, out string wrong, out bool unknownKey)
    {
        (wrong, unknownKey) = ("it is not a signed token", false);
        var parts = token.Split('.');
        if (token.Length > MostCharacters || parts.Length != 3 || Json(parts[0]) is not { } header || Json(parts[1]) is not { } claims || Bytes(parts[2]) is not { } signature)
        {
            return null;
        }

        // RFC 7515 section 4.1.11: extensions that are not understood make it invalid; we understand none.
        if (header.ValueKind != JsonValueKind.Object || claims.ValueKind != JsonValueKind.Object || header.TryGetProperty("crit", out _))
        {
            return null;
        }

        var algorithm = Text(header, "alg");
        if (algorithm is not ("RS256" or "PS256" or "ES256"))
        {
            wrong = $"it is signed with \"{algorithm}\", and not with RS256, PS256 or ES256";
            return null;
        }

        var candidates = Candidates(keys, algorithm, Text(header, "kid"));
        if (candidates.IsEmpty)
        {
            (wrong, unknownKey) = ("the provider has no such key", true);
            return null;
        }

        var signed = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
        if (!candidates.Any(key => Verifies(key, algorithm, signed, signature)))
        {
            wrong = "its signature is wrong";
            return null;
        }

        return WrongClaim(claims, issuer, client, nonce, now) is { } claim ? Refuse(claim, out wrong) : claims;
    }

    public static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonElement? Refuse(string claim, out string wrong)
    {
        wrong = claim;
        return null;
    }

    private static string? WrongClaim(JsonElement claims, string issuer, string client, string? nonce, DateTimeOffset now)
    {
        ImmutableArray<string?> audience = !claims.TryGetProperty("aud", out var aud) ? []
            : aud.ValueKind == JsonValueKind.Array ? [.. aud.EnumerateArray().Select(one => one.ValueKind == JsonValueKind.String ? one.GetString() : null)]
            : [Text(claims, "aud")];
        return Text(claims, "iss") != issuer ? "it comes from another issuer"
            : !audience.Contains(client) || (audience.Length > 1 && Text(claims, "azp") != client) ? "it is for another client"
            : Time(claims, "exp") is not { } ends || ends <= now - Skew ? "it has expired"
            : Time(claims, "iat") is not { } made || made > now + Skew ? "it is from the future"
            : Time(claims, "nbf") is { } begins && begins > now + Skew ? "it is not valid yet"
            : string.IsNullOrEmpty(Text(claims, "sub")) ? "it names nobody"
            : nonce is not null && Text(claims, "nonce") != nonce ? "it is of another login"
            : null;
    }

    private static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is > 0 and < 1e11
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    private static ImmutableArray<JsonElement> Candidates(JsonElement keys, string algorithm, string? id) =>
        keys.ValueKind != JsonValueKind.Object || !keys.TryGetProperty("keys", out var list) || list.ValueKind != JsonValueKind.Array ? [] :
        [
            .. list.EnumerateArray().Where(key => key.ValueKind == JsonValueKind.Object
                && Text(key, "kty") == (algorithm == "ES256" ? "EC" : "RSA")
                && (Text(key, "use") is null or "sig")
                && (Text(key, "alg") is not { } stated || stated == algorithm)
                && (id is null || Text(key, "kid") == id)).Take(16),
        ];

    private static bool Verifies(JsonElement key, string algorithm, byte[] signed, byte[] signature)
    {
        try
        {
            if (algorithm == "ES256")
            {
                if (Text(key, "crv") != "P-256" || Bytes(Text(key, "x")) is not { Length: 32 } x || Bytes(Text(key, "y")) is not { Length: 32 } y)
                {
                    return false;
                }

                using var curve = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } });
                return signature.Length == 64 && curve.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            }

            if (Bytes(Text(key, "n")) is not { } modulus || Bytes(Text(key, "e")) is not { } exponent)
            {
                return false;
            }

            using var rsa = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponent });
            return rsa.KeySize >= LeastRsaBits && rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, algorithm == "PS256" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static byte[]? Bytes(string? text) => text is not null && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;

    private static JsonElement? Json(string part)
    {
        try
        {
            if (Bytes(part) is not { } bytes)
            {
                return null;
            }

            using var document = JsonDocument.Parse(bytes, Strict);
            return JsonDocumentReader.IsText(document.RootElement) ? document.RootElement.Clone() : null;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}

using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Edge.Acme;

/// <summary>Flattened JWS requests as ACME wants them (RFC 8555 §6.2, RFC 7515 §7.2.2).</summary>
internal static class JsonWebSignature
{
    /// <summary>Signs a request body.</summary>
    /// <param name="key">The account's key; of a certificate, when that revokes itself.</param>
    /// <param name="account">The account's URL; null where the request carries the key itself.</param>
    /// <param name="nonce">A nonce of the server that was never used before; null inside another signature (§7.3.5).</param>
    /// <param name="url">Where the request goes.</param>
    /// <param name="payload">The JSON to send; empty for a POST-as-GET (§6.3).</param>
    public static byte[] Sign(AccountKey key, Uri? account, string? nonce, Uri url, ReadOnlySpan<byte> payload) =>
        Write(Header(key, account, nonce, url), payload, key.Sign);

    /// <summary>Binds an account's key to an account the customer has with the CA (§7.3.4): HS256 over the key, no nonce.</summary>
    public static byte[] Bind(ExternalAccount external, AccountKey key, Uri newAccount)
    {
        var header = Json.Write(writer =>
        {
            writer.WriteString("alg", "HS256");
            writer.WriteString("kid", external.KeyId);
            writer.WriteString("url", newAccount.AbsoluteUri);
        });
        return Write(header, Encoding.UTF8.GetBytes(key.Jwk), data => HMACSHA256.HashData(external.Key.Span, data));
    }

    private static byte[] Write(byte[] protectedHeader, ReadOnlySpan<byte> payload, Func<byte[], byte[]> sign)
    {
        var header = Base64Url.EncodeToString(protectedHeader);
        var body = Base64Url.EncodeToString(payload);
        var signature = Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes($"{header}.{body}")));
        return Json.Write(writer =>
        {
            writer.WriteString("protected", header);
            writer.WriteString("payload", body);
            writer.WriteString("signature", signature);
        });
    }

    private static byte[] Header(AccountKey key, Uri? account, string? nonce, Uri url) => Json.Write(writer =>
    {
        writer.WriteString("alg", "ES256");
        if (nonce is not null)
        {
            writer.WriteString("nonce", nonce);
        }

        writer.WriteString("url", url.AbsoluteUri);

        // §6.2: exactly one of jwk and kid. The account URL is opaque and goes back as it came.
        if (account is null)
        {
            writer.WritePropertyName("jwk");
            writer.WriteRawValue(key.Jwk);
        }
        else
        {
            writer.WriteString("kid", account.OriginalString);
        }
    });
}

using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Edge.Certificates.Acme;

/// <summary>Flattened JWS requests as ACME wants them (RFC 8555 §6.2, RFC 7515 §7.2.2).</summary>
internal static class JsonWebSignature
{
    /// <summary>Signs a request body.</summary>
    /// <param name="key">The account's key.</param>
    /// <param name="account">The account's URL; null for newAccount, which carries the key itself.</param>
    /// <param name="nonce">A nonce of the server that was never used before.</param>
    /// <param name="url">Where the request goes.</param>
    /// <param name="payload">The JSON to send; empty for a POST-as-GET (§6.3).</param>
    public static byte[] Sign(AccountKey key, Uri? account, string nonce, Uri url, ReadOnlySpan<byte> payload)
    {
        var header = Base64Url.EncodeToString(Header(key, account, nonce, url));
        var body = Base64Url.EncodeToString(payload);
        var signature = Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes($"{header}.{body}")));
        return Json.Write(writer =>
        {
            writer.WriteString("protected", header);
            writer.WriteString("payload", body);
            writer.WriteString("signature", signature);
        });
    }

    private static byte[] Header(AccountKey key, Uri? account, string nonce, Uri url) => Json.Write(writer =>
    {
        writer.WriteString("alg", "ES256");
        writer.WriteString("nonce", nonce);
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

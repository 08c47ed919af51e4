using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Edge.Acme;
using Edge.Settings;
using Microsoft.AspNetCore.Http;

namespace Edge.AcmeServer;

/// <summary>Reads requests and checks what RFC 8555 §6.2 wants: the form, the algorithm, the nonce, the URL, the key, the signature.</summary>
internal sealed class SignedRequestReader(AcmeServerStore store, ServerNonces nonces)
{
    private const int LargestBody = 64 * 1024;

    /// <summary>Reads the request.</summary>
    /// <param name="context">Where from.</param>
    /// <param name="url">The URL as the client must have meant it.</param>
    /// <param name="accounts">What the URLs of accounts begin with.</param>
    public async Task<(SignedRequest? Request, ServerReply? Refusal)> ReadAsync(HttpContext context, string url, string accounts)
    {
        if (context.Request.ContentType?.Split(';')[0].Trim() != "application/jose+json")
        {
            return (null, ServerReply.Problem(StatusCodes.Status415UnsupportedMediaType, "malformed", "the content must be application/jose+json"));
        }

        if (await ReadBodyAsync(context) is not { } body || Parse(body) is not { } jws || Text(jws, "protected") is not { } encoded
            || Text(jws, "payload") is not { } payload || Bytes(Text(jws, "signature")) is not { } signature || Parse(Bytes(encoded)) is not { } header)
        {
            return (null, ServerReply.Malformed("the content is no flattened JWS with protected, payload and signature in base64url, of 64 KiB at most"));
        }

        // A nonce is used up even where the rest is wrong.
        if (Json.Text(header, "nonce") is not { } nonce || !nonces.Use(nonce))
        {
            return (null, ServerReply.Problem(StatusCodes.Status400BadRequest, "badNonce", "the nonce is not one of ours, or was used before"));
        }

        if (Json.Text(header, "url") != url)
        {
            return (null, ServerReply.Unauthorized($"the signed URL is not {url}"));
        }

        var (key, account, refusal) = await KeyAsync(header, accounts, context.RequestAborted);
        if (refusal is not null)
        {
            return (null, refusal);
        }

        if (!key!.Signs(Json.Text(header, "alg")))
        {
            return (null, ServerReply.BadAlgorithm($"this key signs by {key.Algorithm}"));
        }

        if (!key.Verify(Encoding.ASCII.GetBytes($"{encoded}.{payload}"), signature))
        {
            return (null, ServerReply.Unauthorized("the signature is wrong"));
        }

        JsonElement said = default;
        if (payload.Length > 0)
        {
            if (Parse(Bytes(payload)) is not { } content)
            {
                return (null, ServerReply.Malformed("the payload is no object of JSON"));
            }

            said = content;
        }

        return (new SignedRequest(key, account, said), null);
    }

    private async Task<(PublicJwk? Key, ServerAccount? Account, ServerReply? Refusal)> KeyAsync(JsonElement header, string accounts, CancellationToken cancel)
    {
        var (jwk, kid) = (Json.Member(header, "jwk"), Json.Text(header, "kid"));
        if (jwk is null == kid is null)
        {
            return (null, null, ServerReply.Malformed("the header must hold either jwk or kid"));
        }

        if (jwk is { } brought)
        {
            return PublicJwk.Read(brought) is { } key ? (key, null, null)
                : (null, null, ServerReply.Problem(StatusCodes.Status400BadRequest, "badPublicKey", "the key must be EC on P-256 or P-384, Ed25519, or RSA of 2048 to 8192 bits"));
        }

        var account = kid!.StartsWith(accounts, StringComparison.Ordinal) ? await store.AccountAsync(kid[accounts.Length..], cancel) : null;
        return account switch
        {
            null => (null, null, ServerReply.Problem(StatusCodes.Status400BadRequest, "accountDoesNotExist", $"there is no account {kid}")),
            { Deactivated: true } => (null, null, ServerReply.Unauthorized("the account was deactivated")),
            _ => (PublicJwk.Read(account.Key), account, null),
        };
    }

    private static async Task<byte[]?> ReadBodyAsync(HttpContext context)
    {
        var body = new byte[LargestBody + 1];
        var length = 0;
        for (int read; length < body.Length && (read = await context.Request.Body.ReadAsync(body.AsMemory(length), context.RequestAborted)) > 0;)
        {
            length += read;
        }

        return length > LargestBody ? null : body[..length];
    }

    /// <summary>An object of JSON; null where it is none.</summary>
    public static JsonElement? Parse(byte[]? text)
    {
        try
        {
            if (text is null)
            {
                return null;
            }

            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Object && JsonDocumentReader.IsText(json.RootElement) ? json.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What base64url stands for; null where it is none.</summary>
    public static byte[]? Bytes(string? text) => text is not null && !text.Contains('=', StringComparison.Ordinal) && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;

    private static string? Text(JsonElement jws, string name) => Json.Text(jws, name) is { } text && !text.Contains('=', StringComparison.Ordinal) ? text : null;
}

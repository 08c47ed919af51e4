using System.Buffers;
using System.Text.Json;

namespace Edge.Access.Oidc;

/// <summary>A login that has begun, as it travels in the parameter "state" over the provider and back.</summary>
/// <param name="Browser">The digest of a cookie: whoever comes back is who left.</param>
/// <param name="Nonce">What the id token has to repeat.</param>
/// <param name="Verifier">The secret of PKCE (RFC 7636).</param>
/// <param name="Return">Where the client wanted to go.</param>
/// <param name="Begun">When.</param>
/// <param name="IsSecond">It took the place of one whose cookie was not there at its end: there is no third.</param>
internal sealed record LoginState(string Browser, string Nonce, string Verifier, string Return, DateTimeOffset Begun, bool IsSecond)
{
    private const int CookieCharacters = 8;

    /// <summary>The name of its cookie: each login has one of its own, or those of several tabs would put out each other's.</summary>
    public string Cookie => LoginCookies.Browser + Browser[..CookieCharacters];

    public byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            json.WriteStringValue(Browser);
            json.WriteStringValue(Nonce);
            json.WriteStringValue(Verifier);
            json.WriteStringValue(Return);
            json.WriteNumberValue(Begun.ToUnixTimeSeconds());
            json.WriteBooleanValue(IsSecond);
            json.WriteEndArray();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static LoginState? Read(byte[] text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            return new LoginState(root[0].GetString()!, root[1].GetString()!, root[2].GetString()!, root[3].GetString()!, DateTimeOffset.FromUnixTimeSeconds(root[4].GetInt64()), root[5].GetBoolean());
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}

using System.Text.Json;

namespace Edge.Access.Oidc;

/// <summary>What a provider says of itself (OpenID Connect Discovery 1.0 section 3).</summary>
internal sealed record ProviderSettings(Uri Authorization, Uri Token, Uri Keys, Uri? UserInfo, Uri? EndSession, bool TakesBasic)
{
    /// <summary>Null with the reason when it cannot be used.</summary>
    public static ProviderSettings? Read(JsonElement document, string issuer, out string wrong)
    {
        wrong = "";
        if (document.ValueKind != JsonValueKind.Object || IdToken.Text(document, "issuer") != issuer)
        {
            wrong = $"it names itself \"{(document.ValueKind == JsonValueKind.Object ? IdToken.Text(document, "issuer") : null)}\", and edge.yaml \"{issuer}\"";
            return null;
        }

        if (Endpoint(document, "authorization_endpoint") is not { } authorization || Endpoint(document, "token_endpoint") is not { } token || Endpoint(document, "jwks_uri") is not { } keys)
        {
            wrong = "its authorization_endpoint, token_endpoint and jwks_uri are not all https URLs";
            return null;
        }

        // Section 3: client_secret_basic when nothing is said.
        var basic = !document.TryGetProperty("token_endpoint_auth_methods_supported", out var methods) || methods.ValueKind != JsonValueKind.Array
            || methods.EnumerateArray().Any(method => method.ValueKind == JsonValueKind.String && method.GetString() == "client_secret_basic");
        return new ProviderSettings(authorization, token, keys, Endpoint(document, "userinfo_endpoint"), Endpoint(document, "end_session_endpoint"), basic);
    }

    private static Uri? Endpoint(JsonElement document, string name) =>
        IdToken.Text(document, name) is { } text && Uri.TryCreate(text, UriKind.Absolute, out var url) && OidcOptions.IsSafe(url) ? url : null;
}

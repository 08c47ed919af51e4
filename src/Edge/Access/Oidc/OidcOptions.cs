using Edge.Services;
using Edge.Settings;

namespace Edge.Access.Oidc;

/// <summary>The provider that logs people in for services with <c>auth: oidc</c> (OpenID Connect Core 1.0).</summary>
internal sealed record OidcOptions
{
    /// <summary>The provider as it names itself; its settings lie below it.</summary>
    public required string Issuer { get; init; }

    public required string ClientId { get; init; }

    /// <summary>A file with the client's secret, a full path; null for a client without one.</summary>
    public string? SecretFile { get; init; }

    /// <summary>What is asked for.</summary>
    public string Scopes { get; init; } = "openid profile email groups offline_access";

    /// <summary>The claim that names a user's groups.</summary>
    public string GroupsClaim { get; init; } = "groups";

    /// <summary>The host that the provider sends people back to.</summary>
    public required string CallbackHost { get; init; }

    /// <summary>The domain for whose hosts one login holds.</summary>
    public required string Domain { get; init; }

    /// <summary>After this time a user has to log in again.</summary>
    public TimeSpan Session { get; init; } = TimeSpan.FromHours(12);

    /// <summary>After this time the provider is asked whether the user is still one.</summary>
    public TimeSpan Refresh { get; init; } = TimeSpan.FromMinutes(10);

    public static OidcOptions? Read(MapReader section, string folder, string domain, string nodeHost)
    {
        var (issuer, client) = (section.Text("issuer"), section.Text("client-id"));
        var secret = section.Text("client-secret-file");
        var scopes = section.List("scopes", "a scope, a word without spaces", static text => text.Length > 0 && !text.Contains(' ') ? text : null);
        var groups = section.Text("groups-claim");
        var host = HostOf(section, "callback-host") ?? nodeHost;
        var over = HostOf(section, "cookie-domain") ?? domain;
        var (session, refresh) = (section.Duration("session"), section.Duration("refresh"));
        section.Done();
        if (issuer is null || client is null)
        {
            section.Problems.Add(section.Map, $"needs {(issuer is null ? "issuer" : "client-id")}", "issuer: https://id.example.com and client-id: edge, as the provider names them");
            return null;
        }

        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var url) || url.Query.Length > 0 || url.UserInfo.Length > 0 || !IsSafe(url))
        {
            section.Problems.Add(section.Node("issuer")!, $"\"{issuer}\" is not an https URL", "plain http is for a provider on this machine only");
            return null;
        }

        if (!IsAtOrBelow(host, over))
        {
            section.Problems.Add(section.Node("cookie-domain") ?? section.Map, $"\"{over}\" is not a domain of {host}, where a login ends");
        }

        if (session is { } length && length <= TimeSpan.Zero)
        {
            section.Problems.Add(section.Node("session")!, "is no time");
        }

        var defaults = new OidcOptions { Issuer = issuer, ClientId = client, CallbackHost = host, Domain = over };
        return defaults with
        {
            SecretFile = secret is null ? null : Path.GetFullPath(secret, folder),
            Scopes = scopes.Count == 0 ? defaults.Scopes : string.Join(' ', scopes.Prepend("openid").Distinct()),
            GroupsClaim = groups ?? defaults.GroupsClaim,
            Session = session ?? defaults.Session,
            Refresh = refresh ?? defaults.Refresh,
        };
    }

    public static bool IsAtOrBelow(string host, string domain) =>
        host.Equals(domain, StringComparison.OrdinalIgnoreCase) || (host.Length > domain.Length && host[^(domain.Length + 1)] == '.' && host.EndsWith(domain, StringComparison.OrdinalIgnoreCase));

    private static string? HostOf(MapReader section, string key)
    {
        if (section.Text(key) is not { } text)
        {
            return null;
        }

        if (HostName.Read(text, out var wrong, out var hint) is { } host && host[0] != '*')
        {
            return host;
        }

        section.Problems.Add(section.Node(key)!, wrong ?? $"\"{text}\" is not one host", hint);
        return null;
    }

    /// <summary>What is sealed for this provider, and this client of it, opens for no other.</summary>
    public string Purpose(string of) => $"{of}\n{Issuer}\n{ClientId}";

    /// <summary>Secrets may travel to it: encrypted, or not at all over a network.</summary>
    public static bool IsSafe(Uri url) => url.Scheme == "https" || (url.Scheme == "http" && url.IsLoopback);
}

using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Edge.Access.Oidc;

/// <summary>
/// The sessions of who is logged in. Each is sealed in its cookie, for one provider and one client of it; about users of whom
/// the provider has said nothing for a while it is asked again.
/// </summary>
internal sealed partial class LoginSessions(OidcOptions options, OidcProvider provider, SealedText seal, TimeProvider time, ILogger log)
{
    private const int MostRefreshing = 10_000;

    // So long a request waits for the provider; then the session goes on, and a later one hears what it said.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FailureLasts = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RefreshedLasts = TimeSpan.FromMinutes(10);

    private readonly string _purpose = options.Purpose("session");
    private readonly ConcurrentDictionary<string, (Lazy<Task<LoginSession?>> Task, DateTimeOffset Begun)> _refreshing = new(StringComparer.Ordinal);

    /// <summary>The session of who asks; null for nobody who is logged in.</summary>
    public async ValueTask<LoginSession?> OfAsync(HttpContext context)
    {
        if (context.Request.Cookies[LoginCookies.Session] is not { Length: > 0 } cookie || seal.Open(_purpose, cookie) is not { } opened || LoginSession.Read(opened) is not { } session)
        {
            return null;
        }

        var now = time.GetUtcNow();
        if (now - session.Begun >= options.Session)
        {
            return null;
        }

        if (session.RefreshToken is null || now - session.Checked < options.Refresh)
        {
            return session;
        }

        var refreshed = await RefreshOnceAsync(session, context.RequestAborted);
        if (refreshed is not null && (refreshed.Checked, refreshed.RefreshToken) != (session.Checked, session.RefreshToken))
        {
            Keep(context, refreshed);
        }

        return refreshed;
    }

    /// <summary>Begins one with what the provider gave for a login.</summary>
    /// <exception cref="ProviderException">The provider cannot be asked about the user.</exception>
    public Task<LoginSession> BeginAsync(string id, JsonElement tokens, JsonElement claims, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        return FillAsync(WithToken(new LoginSession { Id = id, Subject = IdToken.Text(claims, "sub")!, Begun = now, Checked = now }, tokens), tokens, claims, cancel);
    }

    /// <summary>Gives it to the client. False when it is too large.</summary>
    public bool Keep(HttpContext context, LoginSession session)
    {
        var left = session.Begun + options.Session - time.GetUtcNow();
        // The refresh token is the first thing to do without.
        foreach (var kept in (LoginSession[])[session, session with { RefreshToken = null }])
        {
            var text = seal.Seal(_purpose, kept.Write());
            if (text.Length <= LoginCookies.MostCharacters)
            {
                LoginCookies.Set(context, LoginCookies.Session, text, options.Domain, left);
                return true;
            }
        }

        return false;
    }

    // Many requests of a page come at once, and a refresh token may be used but once.
    private async Task<LoginSession?> RefreshOnceAsync(LoginSession session, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        ForgetOld(now);
        var (refresh, begun) = _refreshing.GetOrAdd($"{session.Id} {session.Checked.ToUnixTimeMilliseconds()}", _ => (new Lazy<Task<LoginSession?>>(() => RefreshAsync(session)), now));
        var (answer, left) = (refresh.Value, begun + Patience - now);
        if (answer.IsCompleted || left <= TimeSpan.Zero)
        {
            return answer.IsCompleted ? await answer : session;
        }

        try
        {
            return await answer.WaitAsync(left, time, cancel);
        }
        catch (TimeoutException)
        {
            return session;
        }
    }

    // A token that the provider has changed waits for the client to fetch it; what failed is tried again soon.
    private void ForgetOld(DateTimeOffset now)
    {
        foreach (var (id, (refresh, begun)) in _refreshing)
        {
            var lasts = refresh is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true, Result: { } known } } && known.Checked < begun ? FailureLasts : RefreshedLasts;
            if (now - begun > lasts || _refreshing.Count > MostRefreshing)
            {
                _refreshing.TryRemove(id, out _);
            }
        }
    }

    private async Task<LoginSession?> RefreshAsync(LoginSession session)
    {
        try
        {
            var tokens = await provider.TokensAsync(new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["refresh_token"] = session.RefreshToken! }, CancellationToken.None);
            if (tokens is null)
            {
                Log.Ended(log, OidcLogin.Line(session.User ?? session.Subject));
                return null;
            }

            // Whatever follows: the one before may be void by now (RFC 6749 section 6).
            session = WithToken(session, tokens.Value);
            var claims = IdToken.Text(tokens.Value, "id_token") is { } idToken ? await provider.ClaimsAsync(idToken, null, CancellationToken.None) : (JsonElement?)null;
            // OpenID Connect Core section 12.2: it is the same user.
            return claims is { } said && IdToken.Text(said, "sub") != session.Subject ? null : await FillAsync(session with { Checked = time.GetUtcNow() }, tokens.Value, claims, CancellationToken.None);
        }
        catch (ProviderException failed)
        {
            // Who is logged in stays so until the session's own end.
            Log.NotRefreshed(log, options.Issuer, failed.Message);
            return session;
        }
    }

    private async Task<LoginSession> FillAsync(LoginSession session, JsonElement tokens, JsonElement? claims, CancellationToken cancel)
    {
        var info = IdToken.Text(tokens, "access_token") is { } access ? await provider.UserInfoAsync(access, cancel) : null;
        // OpenID Connect Core section 5.3.2: what is said of another is not to be used.
        if (info is { } known && IdToken.Text(known, "sub") != session.Subject)
        {
            throw new ProviderException("its userinfo is about somebody else");
        }

        string? Claim(string name) => (info is { } one ? IdToken.Text(one, name) : null) ?? (claims is { } other ? IdToken.Text(other, name) : null);
        return session with
        {
            User = Claim("preferred_username") ?? session.User ?? Claim("email"),
            Name = Claim("name") ?? session.Name,
            Email = Claim("email") ?? session.Email,
            Groups = Groups(info) ?? Groups(claims) ?? (claims is null && info is null ? session.Groups : []),
        };
    }

    private static LoginSession WithToken(LoginSession session, JsonElement tokens) =>
        IdToken.Text(tokens, "refresh_token") is { } token ? session with { RefreshToken = token } : session;

    private ImmutableArray<string>? Groups(JsonElement? claims) =>
        claims is { ValueKind: JsonValueKind.Object } said && said.TryGetProperty(options.GroupsClaim, out var groups) && groups.ValueKind == JsonValueKind.Array
            ? [.. groups.EnumerateArray().Where(group => group.ValueKind == JsonValueKind.String).Select(group => group.GetString()!)]
            : null;

    private static partial class Log
    {
        [LoggerMessage(5264, LogLevel.Warning, "The provider {Issuer} cannot be asked whether users are still such, and who is logged in stays so: {Reason}")]
        public static partial void NotRefreshed(ILogger log, string issuer, string reason);

        [LoggerMessage(5265, LogLevel.Information, "The provider ended the session of {User}")]
        public static partial void Ended(ILogger log, string user);
    }
}

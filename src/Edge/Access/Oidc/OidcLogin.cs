using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Edge.Services;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Net.Http.Headers;

namespace Edge.Access.Oidc;

/// <summary>
/// Logs people in with a provider: the code flow of OpenID Connect Core 1.0 with PKCE (RFC 7636). Nothing is kept here: a
/// login that has begun travels sealed in "state", a session sealed in its cookie.
/// </summary>
internal sealed partial class OidcLogin(OidcOptions options, SealedText seal, Func<HttpContext, string> target, TimeProvider time, ILogger log) : IDisposable
{
    public const string CallbackPath = "/.edge/callback";
    public const string LogoutPath = "/.edge/logout";
    private const string StatePurpose = "login";
    private const string SessionPurpose = "session";
    private const int MostReturnCharacters = 2048;
    private const int MostRefreshing = 10_000;

    private static readonly TimeSpan LoginLasts = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan RefreshedLasts = TimeSpan.FromMinutes(1);

    private readonly OidcProvider _provider = new(options, time);
    private readonly ConcurrentDictionary<string, (Lazy<Task<LoginSession?>> Task, DateTimeOffset Begun)> _refreshing = new(StringComparer.Ordinal);

    public OidcOptions Options => options;

    /// <summary>Null when the client is logged in and of the groups, and its <see cref="Identity"/> is known then.</summary>
    public async ValueTask<AccessRefusal?> CheckAsync(HttpContext context, ServiceAccess access)
    {
        var request = context.Request;
        if (!request.IsHttps || !OidcOptions.IsAtOrBelow(request.Host.Host, options.Domain))
        {
            Log.OutOfReach(log, request.Headers.Host.ToString(), options.Domain);
            return Down;
        }

        try
        {
            if (await SessionAsync(context) is not { } session)
            {
                return WantsPage(request) ? await BeginAsync(context) : new AccessRefusal(StatusCodes.Status401Unauthorized, "A login is needed", "Open the service in a browser to log in.");
            }

            if (!access.Groups.IsEmpty && !access.Groups.Any(group => session.Groups.Contains(group)))
            {
                return new AccessRefusal(StatusCodes.Status403Forbidden, "This service is not for you", $"You are logged in as {session.User ?? session.Subject}, who is in none of the groups that may use it.") { Offence = OffenceKind.Denied };
            }

            IdentityOf(session).Attach(context);
            return null;
        }
        catch (ProviderException failed)
        {
            Log.Failed(log, options.Issuer, failed.Message);
            return Down;
        }
    }

    /// <summary>Whether a request is one of the login's own.</summary>
    public bool Takes(HttpRequest request) => request.Path.Value is CallbackPath or LogoutPath && request.IsHttps
        && (request.Path.Value == LogoutPath ? OidcOptions.IsAtOrBelow(request.Host.Host, options.Domain) : request.Host.Host.Equals(options.CallbackHost, StringComparison.OrdinalIgnoreCase));

    /// <summary>Answers it: the way back from the provider, or the way out.</summary>
    public async ValueTask<AccessRefusal> AnswerAsync(HttpContext context)
    {
        try
        {
            return context.Request.Path.Value == LogoutPath ? await LogOutAsync(context) : await ReturnAsync(context);
        }
        catch (ProviderException failed)
        {
            Log.Failed(log, options.Issuer, failed.Message);
            return Down;
        }
    }

    public void Dispose() => _provider.Dispose();

    private static AccessRefusal Down => new(StatusCodes.Status503ServiceUnavailable, "Nobody can log in at the moment", "The provider that logs people in does not answer as it should. Until it does, nobody is let in who is not logged in already.");

    // A script or an app can do nothing with a page for people.
    private static bool WantsPage(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
        && request.Headers["Sec-Fetch-Mode"].ToString() is "" or "navigate";

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static string Digest(string text) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(text)));

    private string Callback(HttpRequest request) => $"https://{options.CallbackHost}{(request.Host.Port is { } port and not 443 ? $":{port}" : "")}{CallbackPath}";

    private async Task<AccessRefusal> BeginAsync(HttpContext context)
    {
        var request = context.Request;
        var settings = await _provider.SettingsAsync(context.RequestAborted);
        var browser = request.Cookies[LoginCookies.Browser] is { Length: 43 } known && Base64Url.IsValid(known) ? known : Random();
        var wanted = $"{request.Scheme}://{request.Host.ToUriComponent()}{target(context)}";
        var state = new LoginState(Digest(browser), Random(), Random(), wanted.Length > MostReturnCharacters ? $"https://{request.Host}/" : wanted, time.GetUtcNow());
        var query = new QueryBuilder
        {
            { "response_type", "code" },
            { "client_id", options.ClientId },
            { "redirect_uri", Callback(request) },
            { "scope", options.Scopes },
            { "state", seal.Seal(StatePurpose, state.Write()) },
            { "nonce", state.Nonce },
            { "code_challenge", Digest(state.Verifier) },
            { "code_challenge_method", "S256" },
        };
        LoginCookies.Set(context.Response, LoginCookies.Browser, browser, options.Domain, LoginLasts);
        return Redirect(context, settings.Authorization + (settings.Authorization.Query.Length > 0 ? "&" + query.ToString()[1..] : query.ToString()));
    }

    private async Task<AccessRefusal> ReturnAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var state = seal.Open(StatePurpose, query["state"].ToString()) is { } opened ? LoginState.Read(opened) : null;
        if (state is null || context.Request.Cookies[LoginCookies.Browser] is not { } browser || !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Digest(browser)), Encoding.ASCII.GetBytes(state.Browser)))
        {
            return Refuse("This login was not begun in this browser, or its cookies were lost on the way.") with { Offence = OffenceKind.Auth };
        }

        if (time.GetUtcNow() - state.Begun > LoginLasts)
        {
            return Refuse("This login took too long.");
        }

        if (query["error"].ToString() is { Length: > 0 } error)
        {
            Log.Refused(log, options.Issuer, Line(error), Line(query["error_description"].ToString()));
            return Refuse("The provider did not log you in.");
        }

        var tokens = await _provider.TokensAsync(new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = query["code"].ToString(),
            ["redirect_uri"] = Callback(context.Request),
            ["code_verifier"] = state.Verifier,
        }, context.RequestAborted);
        if (tokens is null || IdToken.Text(tokens.Value, "id_token") is not { } idToken)
        {
            Log.Refused(log, options.Issuer, "the code", "was not exchanged for an id token");
            return Refuse("The provider does not know this login.");
        }

        var claims = await _provider.ClaimsAsync(idToken, state.Nonce, context.RequestAborted);
        var now = time.GetUtcNow();
        var session = await FillAsync(new LoginSession { Id = Random(), Subject = IdToken.Text(claims, "sub")!, Begun = now, Checked = now }, tokens.Value, claims, context.RequestAborted);
        if (!Keep(context.Response, session))
        {
            return Refuse("You are in more groups than a cookie can hold; let the provider send fewer of them.");
        }

        Log.In(log, Line(session.User ?? session.Subject));
        LoginCookies.Remove(context.Response, LoginCookies.Browser, options.Domain);
        return Redirect(context, Safe(state.Return));
    }

    private async Task<AccessRefusal> LogOutAsync(HttpContext context)
    {
        try
        {
            if ((await _provider.SettingsAsync(context.RequestAborted)).EndSession is { } end)
            {
                LoginCookies.Remove(context.Response, LoginCookies.Session, options.Domain);
                return Redirect(context, $"{end}{(end.Query.Length > 0 ? "&" : "?")}client_id={Uri.EscapeDataString(options.ClientId)}");
            }
        }
        catch (ProviderException away)
        {
            Log.Failed(log, options.Issuer, away.Message);
        }

        return new AccessRefusal(StatusCodes.Status200OK, "You are logged out", "The session of this gateway has ended. The provider may still know you.")
        {
            Header = new(HeaderNames.SetCookie, LoginCookies.Removal(LoginCookies.Session, options.Domain)),
        };
    }

    // Only to where a login may have begun: it was sealed by us, and it is looked at all the same.
    private string Safe(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme == "https" && OidcOptions.IsAtOrBelow(parsed.Host, options.Domain) ? url : $"https://{options.CallbackHost}/";

    private static AccessRefusal Refuse(string detail) => new(StatusCodes.Status403Forbidden, "The login did not work", detail + " Open the service again.");

    private static AccessRefusal Redirect(HttpContext context, string url)
    {
        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers[HeaderNames.Location] = url;
        context.Response.Headers.CacheControl = "no-store";
        return AccessRefusal.Answered;
    }

    private async ValueTask<LoginSession?> SessionAsync(HttpContext context)
    {
        if (context.Request.Cookies[LoginCookies.Session] is not { Length: > 0 } cookie || seal.Open(SessionPurpose, cookie) is not { } opened || LoginSession.Read(opened) is not { } session)
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
        if (refreshed is not null && refreshed != session)
        {
            Keep(context.Response, refreshed);
        }

        return refreshed;
    }

    // Many requests of a page come at once, and a refresh token may be used but once.
    private Task<LoginSession?> RefreshOnceAsync(LoginSession session, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        foreach (var (id, refreshed) in _refreshing)
        {
            if (now - refreshed.Begun > RefreshedLasts || _refreshing.Count > MostRefreshing)
            {
                _refreshing.TryRemove(id, out _);
            }
        }

        return _refreshing.GetOrAdd($"{session.Id} {session.Checked.ToUnixTimeMilliseconds()}", _ => (new Lazy<Task<LoginSession?>>(() => RefreshAsync(session)), now)).Task.Value.WaitAsync(cancel);
    }

    private async Task<LoginSession?> RefreshAsync(LoginSession session)
    {
        try
        {
            var tokens = await _provider.TokensAsync(new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["refresh_token"] = session.RefreshToken! }, CancellationToken.None);
            if (tokens is null)
            {
                Log.Ended(log, Line(session.User ?? session.Subject));
                return null;
            }

            var claims = IdToken.Text(tokens.Value, "id_token") is { } idToken ? await _provider.ClaimsAsync(idToken, null, CancellationToken.None) : (JsonElement?)null;
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
        var info = IdToken.Text(tokens, "access_token") is { } access ? await _provider.UserInfoAsync(access, cancel) : null;
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
            RefreshToken = IdToken.Text(tokens, "refresh_token") ?? session.RefreshToken,
        };
    }

    private ImmutableArray<string>? Groups(JsonElement? claims) =>
        claims is { ValueKind: JsonValueKind.Object } said && said.TryGetProperty(options.GroupsClaim, out var groups) && groups.ValueKind == JsonValueKind.Array
            ? [.. groups.EnumerateArray().Where(group => group.ValueKind == JsonValueKind.String).Select(group => group.GetString()!)]
            : null;

    // The refresh token is the first thing to do without.
    private bool Keep(HttpResponse response, LoginSession session)
    {
        var left = session.Begun + options.Session - time.GetUtcNow();
        foreach (var kept in (LoginSession[])[session, session with { RefreshToken = null }])
        {
            var text = seal.Seal(SessionPurpose, kept.Write());
            if (text.Length <= LoginCookies.MostCharacters)
            {
                LoginCookies.Set(response, LoginCookies.Session, text, options.Domain, left);
                return true;
            }
        }

        return false;
    }

    private static Identity IdentityOf(LoginSession session)
    {
        var headers = new List<KeyValuePair<string, string>> { new(IdentityHeaders.User, session.User ?? session.Subject) };
        foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)[(IdentityHeaders.Name, session.Name), (IdentityHeaders.Email, session.Email), (IdentityHeaders.Groups, session.Groups.IsEmpty ? null : string.Join(',', session.Groups))])
        {
            if (value is not null)
            {
                headers.Add(new(name, value));
            }
        }

        return new Identity(headers);
    }

    // What others say goes into the log as one line.
    private static string Line(string text) => new([.. text.Take(200).Select(c => char.IsControl(c) ? '?' : c)]);

    private static partial class Log
    {
        [LoggerMessage(5261, LogLevel.Information, "{User} is logged in")]
        public static partial void In(ILogger log, string user);

        [LoggerMessage(5262, LogLevel.Information, "The provider {Issuer} did not log somebody in: {Error} {Description}")]
        public static partial void Refused(ILogger log, string issuer, string error, string description);

        [LoggerMessage(5263, LogLevel.Error, "The provider {Issuer} cannot log anybody in: {Reason}")]
        public static partial void Failed(ILogger log, string issuer, string reason);

        [LoggerMessage(5264, LogLevel.Warning, "The provider {Issuer} cannot be asked whether users are still such, and who is logged in stays so: {Reason}")]
        public static partial void NotRefreshed(ILogger log, string issuer, string reason);

        [LoggerMessage(5265, LogLevel.Information, "The provider ended the session of {User}")]
        public static partial void Ended(ILogger log, string user);

        [LoggerMessage(5266, LogLevel.Error, "{Host} wants auth: oidc, but is not served over HTTPS or is no host of {Domain}, for which a login holds; nobody is let in")]
        public static partial void OutOfReach(ILogger log, string host, string domain);
    }
}

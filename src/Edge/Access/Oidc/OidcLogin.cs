using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Edge.Services;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Net.Http.Headers;

namespace Edge.Access.Oidc;

/// <summary>
/// Logs people in with a provider: the code flow of OpenID Connect Core 1.0 with PKCE (RFC 7636). Nothing is kept here: a
/// login that has begun travels sealed in "state", a session sealed in its cookie.
/// </summary>
internal sealed partial class OidcLogin : IDisposable
{
    public const string CallbackPath = "/.edge/callback";
    public const string LogoutPath = "/.edge/logout";
    private const int MostReturnCharacters = 2048;

    private static readonly TimeSpan LoginLasts = TimeSpan.FromMinutes(15);

    private readonly SealedText _seal;
    private readonly Func<HttpContext, string> _target;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly string _purpose;
    private readonly OidcProvider _provider;
    private readonly LoginSessions _sessions;

    public OidcLogin(OidcOptions options, SealedText seal, Func<HttpContext, string> target, TimeProvider time, ILogger log)
    {
        (Options, _seal, _target, _time, _log, _purpose) = (options, seal, target, time, log, options.Purpose("login"));
        _provider = new OidcProvider(options, time);
        _sessions = new LoginSessions(options, _provider, seal, time, log);
    }

    public OidcOptions Options { get; }

    /// <summary>Null when the client is logged in and of the groups, and its <see cref="Identity"/> is known then.</summary>
    public async ValueTask<AccessRefusal?> CheckAsync(HttpContext context, ServiceAccess access)
    {
        var request = context.Request;
        if (!request.IsHttps || !OidcOptions.IsAtOrBelow(request.Host.Host, Options.Domain))
        {
            Log.OutOfReach(_log, request.Headers.Host.ToString(), Options.Domain);
            return Down;
        }

        try
        {
            if (await _sessions.OfAsync(context) is not { } session)
            {
                return WantsPage(request) ? await BeginAsync(context, $"{request.Scheme}://{request.Host.ToUriComponent()}{_target(context)}", isSecond: false) : new AccessRefusal(StatusCodes.Status401Unauthorized, "A login is needed", "Open the service in a browser to log in.");
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
            return DownFor(failed);
        }
    }

    /// <summary>Whether a request is one of the login's own.</summary>
    public bool Takes(HttpRequest request) => request.Path.Value is CallbackPath or LogoutPath && request.IsHttps
        && (request.Path.Value == LogoutPath ? OidcOptions.IsAtOrBelow(request.Host.Host, Options.Domain) : request.Host.Host.Equals(Options.CallbackHost, StringComparison.OrdinalIgnoreCase));

    /// <summary>Answers it: the way back from the provider, or the way out.</summary>
    public async ValueTask<AccessRefusal> AnswerAsync(HttpContext context)
    {
        try
        {
            return context.Request.Path.Value == LogoutPath ? await LogOutAsync(context) : await ReturnAsync(context);
        }
        catch (ProviderException failed)
        {
            return DownFor(failed);
        }
    }

    public void Dispose() => _provider.Dispose();

    private static AccessRefusal Down => new(StatusCodes.Status503ServiceUnavailable, "Nobody can log in at the moment", "The provider that logs people in does not answer as it should. Until it does, nobody is let in who is not logged in already.");

    private AccessRefusal DownFor(ProviderException failed)
    {
        if (!failed.IsOld)
        {
            Log.Failed(_log, Options.Issuer, failed.Message);
        }

        return Down;
    }

    // A script or an app can do nothing with a page for people.
    private static bool WantsPage(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
        && request.Headers["Sec-Fetch-Mode"].ToString() is "" or "navigate";

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static string Digest(string text) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(text)));

    private string Callback(HttpRequest request) => $"https://{Options.CallbackHost}{(request.Host.Port is { } port and not 443 ? $":{port}" : "")}{CallbackPath}";

    private async Task<AccessRefusal> BeginAsync(HttpContext context, string wanted, bool isSecond)
    {
        var request = context.Request;
        var settings = await _provider.SettingsAsync(context.RequestAborted);
        var browser = Random();
        var state = new LoginState(Digest(browser), Random(), Random(), wanted.Length > MostReturnCharacters ? $"https://{request.Host}/" : wanted, _time.GetUtcNow(), isSecond);
        var query = new QueryBuilder
        {
            { "response_type", "code" },
            { "client_id", Options.ClientId },
            { "redirect_uri", Callback(request) },
            { "scope", Options.Scopes },
            { "state", _seal.Seal(_purpose, state.Write()) },
            { "nonce", state.Nonce },
            { "code_challenge", Digest(state.Verifier) },
            { "code_challenge_method", "S256" },
        };
        foreach (var old in LoginCookies.TooMany(request))
        {
            LoginCookies.Remove(context, old, Options.Domain);
        }

        LoginCookies.Set(context, state.Cookie, browser, Options.Domain, LoginLasts);
        return Redirect(context, settings.Authorization + (settings.Authorization.Query.Length > 0 ? "&" + query.ToString()[1..] : query.ToString()));
    }

    private async Task<AccessRefusal> ReturnAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if ((_seal.Open(_purpose, query["state"].ToString()) is { } opened ? LoginState.Read(opened) : null) is not { } state)
        {
            // Any page can make its visitor's browser ask for this: it says nothing of the visitor.
            return Refuse("This login was not begun here.");
        }

        if (_time.GetUtcNow() - state.Begun > LoginLasts)
        {
            return Refuse("This login took too long.");
        }

        if (!IsOf(context.Request, state))
        {
            return await ReturnElsewhereAsync(context, state);
        }

        if (query["error"].ToString() is { Length: > 0 } error)
        {
            Log.Refused(_log, Options.Issuer, Line(error), Line(query["error_description"].ToString()));
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
            Log.Refused(_log, Options.Issuer, "the code", "was not exchanged for an id token");
            return Refuse("The provider does not know this login.");
        }

        var claims = await _provider.ClaimsAsync(idToken, state.Nonce, context.RequestAborted);
        var session = await _sessions.BeginAsync(Random(), tokens.Value, claims, context.RequestAborted);
        if (!_sessions.Keep(context, session))
        {
            return Refuse("You are in more groups than a cookie can hold; let the provider send fewer of them.");
        }

        Log.In(_log, Line(session.User ?? session.Subject));
        LoginCookies.Remove(context, state.Cookie, Options.Domain);
        return Redirect(context, Safe(state.Return));
    }

    private static bool IsOf(HttpRequest request, LoginState state) =>
        request.Cookies[state.Cookie] is { } browser && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Digest(browser)), Encoding.ASCII.GetBytes(state.Browser));

    // Begun in another browser, or its cookie is gone. The code is of no use then, or somebody would be logged in as who sent them
    // here; but who is logged in goes where the login was to lead, and who is not begins one of their own.
    private async Task<AccessRefusal> ReturnElsewhereAsync(HttpContext context, LoginState state) =>
        await _sessions.OfAsync(context) is not null ? Redirect(context, Safe(state.Return))
        : !state.IsSecond && WantsPage(context.Request) ? await BeginAsync(context, Safe(state.Return), isSecond: true)
        : Refuse("This login was not begun in this browser, or its cookies were lost on the way.");

    private async Task<AccessRefusal> LogOutAsync(HttpContext context)
    {
        LoginCookies.Remove(context, LoginCookies.Session, Options.Domain);
        try
        {
            if ((await _provider.SettingsAsync(context.RequestAborted)).EndSession is { } end)
            {
                return Redirect(context, $"{end}{(end.Query.Length > 0 ? "&" : "?")}client_id={Uri.EscapeDataString(Options.ClientId)}");
            }
        }
        catch (ProviderException away)
        {
            DownFor(away);
        }

        return new AccessRefusal(StatusCodes.Status200OK, "You are logged out", "The session of this gateway has ended. The provider may still know you.");
    }

    // Only to where a login may have begun: it was sealed by us, and it is looked at all the same.
    private string Safe(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme == "https" && OidcOptions.IsAtOrBelow(parsed.Host, Options.Domain) ? url : $"https://{Options.CallbackHost}/";

    private static AccessRefusal Refuse(string detail) => new(StatusCodes.Status403Forbidden, "The login did not work", detail + " Open the service again.");

    private static AccessRefusal Redirect(HttpContext context, string url)
    {
        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers[HeaderNames.Location] = url;
        context.Response.Headers.CacheControl = "no-store";
        return AccessRefusal.Answered;
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

    /// <summary>What others say, as one line of the log.</summary>
    public static string Line(string text) => new([.. text.Take(200).Select(c => char.IsControl(c) ? '?' : c)]);

    private static partial class Log
    {
        [LoggerMessage(5261, LogLevel.Information, "{User} is logged in")]
        public static partial void In(ILogger log, string user);

        [LoggerMessage(5262, LogLevel.Information, "The provider {Issuer} did not log somebody in: {Error} {Description}")]
        public static partial void Refused(ILogger log, string issuer, string error, string description);

        [LoggerMessage(5263, LogLevel.Error, "The provider {Issuer} cannot log anybody in: {Reason}")]
        public static partial void Failed(ILogger log, string issuer, string reason);

        [LoggerMessage(5266, LogLevel.Error, "{Host} wants auth: oidc, but is not served over HTTPS or is no host of {Domain}, for which a login holds; nobody is let in")]
        public static partial void OutOfReach(ILogger log, string host, string domain);
    }
}

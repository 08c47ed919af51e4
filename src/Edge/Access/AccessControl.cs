using System.Globalization;
using System.Net;
using Edge.Access.ClientCertificates;
using Edge.Access.Oidc;
using Edge.Services;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Edge.Access;

/// <summary>Decides who may use a service that not everybody may use.</summary>
internal sealed partial class AccessControl : IDisposable
{
    private readonly AccessSetup _setup;
    private readonly UserTable _users;
    private readonly AuthorityTable _authorities;
    private readonly RateTable _rates;
    private readonly BasicAuth _basic;
    private readonly ForwardAuth _forward;
    private readonly SealedText _seal;
    private volatile AccessOptions _options = new();
    private volatile OidcLogin? _login;

    public AccessControl(AccessSetup setup)
    {
        _setup = setup;
        _users = new UserTable(setup.Log);
        _authorities = new AuthorityTable(setup.Time, setup.Log);
        _rates = new RateTable(setup.Time);
        _basic = new BasicAuth(_users, setup.IsBanned);
        _forward = new ForwardAuth(setup);
        _seal = SealedText.Open(setup.Data, setup.Log);
        Hosts = new DynamicHosts(setup.Resolve, setup.Time, setup.Log);
        Use(setup.Options);
    }

    /// <summary>The hosts that services allow by name.</summary>
    public DynamicHosts Hosts { get; }

    /// <summary>The address of who asks; IPv4 as IPv4.</summary>
    public static IPAddress ClientOf(HttpContext context)
    {
        var client = context.Connection.RemoteIpAddress ?? IPAddress.None;
        return client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;
    }

    /// <summary>Takes over what edge.yaml says.</summary>
    public void Use(AccessOptions options)
    {
        _users.Use(options);
        if (options.Oidc != _login?.Options)
        {
            // Requests may still be with the one before, so that the collector ends it.
            _login = options.Oidc is null ? null : new OidcLogin(options.Oidc, _seal, _setup.Target, _setup.Time, _setup.Log);
        }

        _options = options;
    }

    /// <summary>Reads what has changed outside of edge.yaml.</summary>
    public async Task RefreshAsync(CancellationToken cancel)
    {
        _users.Follow();
        _authorities.Follow();
        await Hosts.RefreshAsync(cancel);
    }

    /// <summary>Why a request may not pass; null when it may. The order is that of cost.</summary>
    /// <param name="context">The request.</param>
    /// <param name="service">The service's name.</param>
    /// <param name="access">What the service says.</param>
    public async ValueTask<AccessRefusal?> DecideAsync(HttpContext context, string service, ServiceAccess access)
    {
        // 1. Where the client is.
        var client = ClientOf(context);
        if (!await AllowsAsync(access, client, context.RequestAborted))
        {
            return new AccessRefusal(StatusCodes.Status403Forbidden, "This service is not for you", $"Your address, {client}, is not among those that may use it.") { Offence = OffenceKind.Denied };
        }

        // 2. How often it asks: before what costs something.
        if (access.Rate is { } rate && !_rates.Allows(service, ClientKey.Of(client), rate, out var wait))
        {
            var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
            return new AccessRefusal(StatusCodes.Status429TooManyRequests, "Too many requests", "This service takes only so many requests from one address in a time. Wait a moment.")
            {
                Header = new(HeaderNames.RetryAfter, seconds.ToString(CultureInfo.InvariantCulture)),
                Offence = OffenceKind.Rate,
            };
        }

        // 3. What it showed while it connected.
        if (access.ClientCert is { } file)
        {
            var (authorities, revoked) = file == ServiceAccess.EdgesOwn ? _setup.OwnAuthority : (file, access.ClientCrl);
            return await RefusalOfCertificateAsync(context, service, authorities, revoked) ?? await LoginAsync(context, service, access) ?? Told(context);
        }

        // 4. Who it is.
        return await LoginAsync(context, service, access);
    }

    private async ValueTask<AccessRefusal?> LoginAsync(HttpContext context, string service, ServiceAccess access) => access.Auth switch
    {
        AuthKind.Basic => await _basic.CheckAsync(context, service, access),
        AuthKind.Oidc => _login is { } login ? await login.CheckAsync(context, access) : NoProvider(context),
        AuthKind.Forward => await _forward.CheckAsync(context, _options.Forward, HidesCookies),
        _ => null,
    };

    // The gateway has seen to it that the connection was made for this host.
    private async ValueTask<AccessRefusal?> RefusalOfCertificateAsync(HttpContext context, string service, string file, string? revoked)
    {
        if (await _authorities.OfAsync(file, revoked) is not { } authorities)
        {
            return new AccessRefusal(StatusCodes.Status503ServiceUnavailable, "Nobody can get in at the moment", "The service asks for certificates of clients, and the file of the CA they come from, or of what it has revoked, cannot be used. The gateway's log says why.");
        }

        var refusal = "The connection was made without one being asked for.";
        if (ShownCertificate.Of(context) is { } shown)
        {
            var verdict = shown.VerdictBy(authorities, _setup.Time.GetUtcNow(), out var isNew);
            refusal = verdict.Refusal;
            if (verdict.Revoked is { } taken && isNew)
            {
                Log.Revoked(_setup.Log, ClientOf(context), service, taken);
            }
        }

        return refusal is not null
            ? new AccessRefusal(StatusCodes.Status403Forbidden, "This service asks for a certificate of yours", refusal) { Offence = OffenceKind.Denied }
            : null;
    }

    private static AccessRefusal? Told(HttpContext context)
    {
        var known = Identity.Of(context) ?? new Identity([]);
        (known with { Headers = [.. known.Headers, .. ShownCertificate.Of(context)!.Headers()] }).Attach(context);
        return null;
    }

    /// <summary>Whether a request is a login's way back, or the way out.</summary>
    public bool TakesLogin(HttpContext context) => _login is { } login && login.Takes(context.Request);

    /// <summary>Answers such a request.</summary>
    public ValueTask<AccessRefusal> AnswerLoginAsync(HttpContext context) => _login!.AnswerAsync(context);

    /// <summary>Some cookies are the gateway's own.</summary>
    public bool HidesCookies => _login is not null;

    /// <summary>Takes the gateway's own cookies out of a request before a service sees it, and what the service will say about them.</summary>
    public void HideCookies(HttpContext context)
    {
        if (_login is not null)
        {
            LoginCookies.Hide(context.Request);
            ReservedCookies.Reserve(context);
        }
    }

    public void Dispose()
    {
        _basic.Dispose();
        _forward.Dispose();
        _login?.Dispose();
    }

    private AccessRefusal NoProvider(HttpContext context)
    {
        Log.NoProvider(_setup.Log, context.Request.Headers.Host.ToString());
        return new AccessRefusal(StatusCodes.Status503ServiceUnavailable, "Nobody can log in at the moment", "No provider is set that could log people in.");
    }

    /// <summary>Whether a client, IPv4 as IPv4, is among those whom <c>allow</c> lets in.</summary>
    public ValueTask<bool> AllowsAsync(ServiceAccess access, IPAddress client, CancellationToken cancel) =>
        access.Allow.IsEmpty ? ValueTask.FromResult(true) : AllowsListedAsync(access, client, cancel);

    private async ValueTask<bool> AllowsListedAsync(ServiceAccess access, IPAddress client, CancellationToken cancel)
    {
        foreach (var allowed in access.Allow)
        {
            if (allowed.Network is { } network ? network.Contains(client) : allowed.IsLan && _setup.IsLan(client))
            {
                return true;
            }
        }

        // Last, because the first time it has to wait.
        foreach (var allowed in access.Allow)
        {
            if (allowed.Host is { } host && await Hosts.HoldsAsync(host, client, cancel))
            {
                return true;
            }
        }

        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(5268, LogLevel.Warning, "{Client} was refused at {Service}: the certificate is {Certificate}")]
        public static partial void Revoked(ILogger log, IPAddress client, string service, string certificate);

        [LoggerMessage(5267, LogLevel.Error, "{Host} wants auth: oidc, but edge.yaml names no provider under access.oidc; nobody is let in")]
        public static partial void NoProvider(ILogger log, string host);
    }
}

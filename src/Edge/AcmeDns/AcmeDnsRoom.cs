using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;
using Edge.Settings;
using Edge.Stores;
using Microsoft.AspNetCore.Http;

namespace Edge.AcmeDns;

/// <summary>
/// What acme-dns offers, under /acme-dns/ of the name of this box: programs elsewhere register once and then put their answers
/// to dns-01 challenges below a domain of ours, to which <c>_acme-challenge</c> of their own names is an alias.
/// </summary>
internal sealed partial class AcmeDnsRoom : IDisposable
{
    /// <summary>Under this path.</summary>
    public const string Root = "/acme-dns/";

    private const int MostNetworks = 50;

    private readonly AcmeDnsSetup _setup;
    private readonly Name _domain;
    private readonly AcmeDnsAccounts _accounts;
    private readonly RegistrationGate _registrations;

    /// <param name="setup">What it needs; the options name a domain.</param>
    /// <param name="records">Where the answers are published.</param>
    public AcmeDnsRoom(AcmeDnsSetup setup, AcmeDnsRecords records)
    {
        (_setup, _domain) = (setup, setup.Options.Domain!);
        _accounts = new AcmeDnsAccounts(setup.Store, _domain, records, setup.Time, setup.Log);
        _registrations = new RegistrationGate(setup);
    }

    /// <summary>Whether a request under the name of this box is for this room.</summary>
    public static bool Takes(HttpContext context) =>
        context.Request.Path.Value is { } path && path.StartsWith(Root, StringComparison.Ordinal) && context.Request.IsHttps;

    /// <summary>Reads what was kept, before queries are answered.</summary>
    public Task LoadAsync(CancellationToken cancel)
    {
        if (!_setup.IsOurs(_domain))
        {
            Log.NotOurs(_setup.Log, _domain.ToHostString());
        }

        return _accounts.LoadAsync(cancel);
    }

    /// <summary>Answers a request.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        var (status, body) = await AnswerOfAsync(context);
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    public void Dispose() => _accounts.Dispose();

    private async Task<(int Status, byte[] Body)> AnswerOfAsync(HttpContext context)
    {
        try
        {
            return (context.Request.Method, context.Request.Path.Value![Root.Length..]) switch
            {
                ("POST", "register") => await RegisterAsync(context),
                ("POST", "update") => await UpdateAsync(context),
                ("GET" or "HEAD", "health") => (StatusCodes.Status200OK, Array.Empty<byte>()),
                (_, "register" or "update" or "health") => Error(StatusCodes.Status405MethodNotAllowed, "method_not_allowed"),
                _ => Error(StatusCodes.Status404NotFound, "not_found"),
            };
        }
        catch (StoreUnavailableException away)
        {
            Log.NotKept(_setup.Log, away.Message);
            return Error(StatusCodes.Status500InternalServerError, "db_error");
        }
    }

    private async Task<(int Status, byte[] Body)> RegisterAsync(HttpContext context)
    {
        var client = ClientOf(context);
        if (!_registrations.MayBegin(context, client))
        {
            return Error(StatusCodes.Status403Forbidden, "forbidden");
        }

        if (!_setup.Allows(client, true))
        {
            return Error(StatusCodes.Status429TooManyRequests, "too_many_requests");
        }

        if (!_setup.IsOurs(_domain))
        {
            Log.NotOurs(_setup.Log, _domain.ToHostString());
            return Error(StatusCodes.Status503ServiceUnavailable, "no_zone");
        }

        // The body may be missing, as may the list in it.
        var body = await AcmeDnsBody.ReadAsync(context);
        AcmeDnsWish? wish = null;
        if (body is null || (body.Length > 0 && !AcmeDnsBody.TryParse(body, AcmeDnsJson.Default.AcmeDnsWish, out wish)))
        {
            return Error(StatusCodes.Status400BadRequest, "malformed_json_payload");
        }

        var networks = wish?.AllowFrom ?? [];
        if (networks.IsDefault || networks.Length > MostNetworks || networks.Any(text => text is null || NetworkOf(text) is null))
        {
            return Error(StatusCodes.Status400BadRequest, "invalid_allowfrom_cidr");
        }

        if (await _accounts.RegisterAsync(networks, context.RequestAborted) is not var (account, key))
        {
            return Error(StatusCodes.Status503ServiceUnavailable, "too_many_registrations");
        }

        return (StatusCodes.Status201Created, AcmeDnsBody.Write(json =>
        {
            json.WriteString("username", account.User);
            json.WriteString("password", key);
            json.WriteString("fulldomain", $"{account.Subdomain}.{_domain.ToHostString()}");
            json.WriteString("subdomain", account.Subdomain);
            json.WriteStartArray("allowfrom");
            foreach (var network in account.AllowFrom)
            {
                json.WriteStringValue(network);
            }

            json.WriteEndArray();
        }));
    }

    private async Task<(int Status, byte[] Body)> UpdateAsync(HttpContext context)
    {
        var client = ClientOf(context);
        if (!_setup.Allows(client, false))
        {
            return Error(StatusCodes.Status429TooManyRequests, "too_many_requests");
        }

        var key = context.Request.Headers["X-Api-Key"].ToString();
        var account = _accounts.Find(context.Request.Headers["X-Api-User"].ToString(), key);
        if (account is null)
        {
            // A page of any site can send this in its visitor's name, but no such header.
            if (key.Length > 0)
            {
                _setup.Refused(client);
            }

            return Error(StatusCodes.Status401Unauthorized, "forbidden");
        }

        var body = await AcmeDnsBody.ReadAsync(context);
        if (!account.AllowFrom.IsEmpty && !account.AllowFrom.Any(text => NetworkOf(text) is { } network && network.Contains(client)))
        {
            return Error(StatusCodes.Status401Unauthorized, "forbidden");
        }

        // What cannot be read names no subdomain, and so not the client's own.
        if (body is null || !AcmeDnsBody.TryParse(body, AcmeDnsJson.Default.AcmeDnsUpdate, out var update) || update?.Subdomain != account.Subdomain)
        {
            return Error(StatusCodes.Status401Unauthorized, "forbidden");
        }

        // 43 characters: SHA-256 in base64url (RFC 8555 §8.4).
        if (update.Txt is not { Length: 43 } text || !text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
        {
            return Error(StatusCodes.Status400BadRequest, "bad_txt");
        }

        await _accounts.UpdateAsync(account.Subdomain, text, context.RequestAborted);
        return (StatusCodes.Status200OK, AcmeDnsBody.Write(json => json.WriteString("txt", text)));
    }

    // Bits behind the prefix are common in what clients send ("192.168.100.1/24"), and acme-dns takes them; a lone address it does not.
    private static IPNetwork? NetworkOf(string text) =>
        !text.Contains('/', StringComparison.Ordinal) ? null : NetworkText.Parse(text, out var instead) ?? (instead is null ? null : IPNetwork.Parse(instead));

    private static IPAddress ClientOf(HttpContext context) =>
        context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : context.Connection.RemoteIpAddress ?? IPAddress.None;

    private static (int Status, byte[] Body) Error(int status, string word) => (status, AcmeDnsBody.Write(json => json.WriteString("error", word)));

    private static partial class Log
    {
        [LoggerMessage(5972, LogLevel.Error, "acme-dns: {Domain} lies in no zone of this Edge, so that nothing below it would be answered; declare its zone, or name another domain")]
        public static partial void NotOurs(ILogger log, string domain);

        [LoggerMessage(5973, LogLevel.Error, "acme-dns: a change could not be kept and was refused: {Reason}")]
        public static partial void NotKept(ILogger log, string reason);
    }
}

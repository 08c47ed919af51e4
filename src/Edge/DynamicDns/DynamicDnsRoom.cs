using System.Net;
using System.Text;
using Edge.Services;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Edge.DynamicDns;

/// <summary>Takes updates as clients of dyndns2 send them: <c>GET /nic/update?hostname=…&amp;myip=…</c>, a line for each name.</summary>
internal sealed partial class DynamicDnsRoom : IDisposable
{
    // How late a name may end.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly DynamicDnsSetup _setup;

    public DynamicDnsRoom(DynamicDnsSetup setup, DynamicRecords records)
    {
        _setup = setup;
        Addresses = new DynamicAddresses(setup, records);
        Updates = new TokenUpdates(setup, Addresses);
    }

    /// <summary>Where all clients send to.</summary>
    public const string Path = "/nic/update";

    /// <summary>The names that one request may have.</summary>
    public const int MostHosts = 100;

    /// <summary>The names and their addresses.</summary>
    public DynamicAddresses Addresses { get; }

    /// <summary>Takes updates of DNS that are signed with the keys of tokens.</summary>
    public TokenUpdates Updates { get; }

    /// <summary>Whether a request under the name of this box is for this room; passwords are taken by HTTPS only.</summary>
    public static bool Takes(HttpContext context) => context.Request.Path.Value == Path && context.Request.IsHttps;

    /// <summary>Answers a request.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        var (status, lines) = HttpMethods.IsGet(context.Request.Method)
            ? await AnswerOfAsync(context)
            : (StatusCodes.Status405MethodNotAllowed, [$"{Path} takes GET"]);
        var body = Encoding.ASCII.GetBytes(string.Concat(lines.Select(line => line + "\n")));
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "text/plain";
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
        switch (status)
        {
            case StatusCodes.Status401Unauthorized:
                response.Headers.WWWAuthenticate = "Basic realm=\"edge\"";
                break;
            case StatusCodes.Status405MethodNotAllowed:
                response.Headers.Allow = "GET";
                break;
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    /// <summary>Ends names that were lent and not sent again, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(LookEvery, _setup.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancel))
            {
                await EndDueAsync(cancel);
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the run.
        }
    }

    public void Dispose() => Addresses.Dispose();

    private async Task EndDueAsync(CancellationToken cancel)
    {
        try
        {
            await Addresses.EndAsync(cancel);
        }
        catch (Exception unexpected) when (unexpected is not OperationCanceledException)
        {
            Log.EndFailed(_setup.Log, unexpected);
        }
    }

    private async Task<(int Status, string[] Lines)> AnswerOfAsync(HttpContext context)
    {
        var client = context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : context.Connection.RemoteIpAddress ?? IPAddress.None;
        var asked = UpdateRequest.Asked(context.Request.Query);
        if (!_setup.Allows(client))
        {
            Log.TooOften(_setup.Log, client);
            return (StatusCodes.Status200OK, [.. asked.Take(MostHosts).Select(_ => UpdateWord.Abuse)]);
        }

        var shown = context.Request.Headers.Authorization.ToString();
        var check = await _setup.Verify(Password(shown), context.RequestAborted);
        if (check is not { State: TokenState.Valid, Token: { } token })
        {
            return NotLetIn(client, shown.Length > 0, check.State switch { TokenState.Expired => $"the token \"{check.Token?.Name}\" has expired", TokenState.Revoked => $"the token \"{check.Token?.Name}\" has been revoked", _ => "its password is no token" });
        }

        if (asked.Length is 0 or > MostHosts)
        {
            return (StatusCodes.Status200OK, [asked.Length == 0 ? UpdateWord.NotFqdn : UpdateWord.TooMany]);
        }

        if (UpdateRequest.Read(context.Request.Query, client) is not { } request)
        {
            Log.NoAddress(_setup.Log, client, token.Name);
            return (StatusCodes.Status200OK, [.. asked.Select(_ => UpdateWord.DnsError)]);
        }

        return await Addresses.UpdateAsync(token, request, context.RequestAborted) is { } lines
            ? (StatusCodes.Status200OK, lines)
            : NotLetIn(client, true, $"the token \"{token.Name}\" does not work any more");
    }

    // Any page can make its visitor's browser ask without a password, and would choose whom to ban.
    private (int Status, string[] Lines) NotLetIn(IPAddress client, bool hasGuessed, string why)
    {
        if (hasGuessed)
        {
            _setup.Refused(client);
        }

        Log.NotLetIn(_setup.Log, client, why);
        return (StatusCodes.Status401Unauthorized, [UpdateWord.BadAuth]);
    }

    // The user's name may be anything: clients want one.
    private static string Password(string authorization)
    {
        const string basic = "Basic ", bearer = "Bearer ";
        if (authorization.StartsWith(bearer, StringComparison.OrdinalIgnoreCase))
        {
            return authorization[bearer.Length..].Trim();
        }

        var bytes = new byte[authorization.Length];
        return authorization.StartsWith(basic, StringComparison.OrdinalIgnoreCase) && Convert.TryFromBase64String(authorization[basic.Length..].Trim(), bytes, out var length)
            ? Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2)[^1]
            : "";
    }

    private static partial class Log
    {
        [LoggerMessage(3310, LogLevel.Warning, "dynamic address: an update from {Client} was refused: {Reason}")]
        public static partial void NotLetIn(ILogger log, IPAddress client, string reason);

        [LoggerMessage(3311, LogLevel.Warning, "dynamic address: {Client} sends too many updates; some of them were refused")]
        public static partial void TooOften(ILogger log, IPAddress client);

        [LoggerMessage(3313, LogLevel.Error, "dynamic address: what has not been sent again could not be looked through; the next look comes in seconds")]
        public static partial void EndFailed(ILogger log, Exception error);

        [LoggerMessage(3312, LogLevel.Warning, "dynamic address: an update from {Client} (token {Token}) was refused: it names no IPv4 or IPv6 address of a host, or two of one kind")]
        public static partial void NoAddress(ILogger log, IPAddress client, string token);
    }
}

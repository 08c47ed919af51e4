using System.Net;
using Edge.Stores;
using Microsoft.AspNetCore.Http;

namespace Edge.AcmeServer;

/// <summary>
/// Edge's own CA for the devices of the LAN, by ACME (RFC 8555), under /acme/ of the name of this box. Clients from elsewhere
/// do not find it.
/// </summary>
internal sealed class AcmeServerRoom : IAsyncDisposable
{
    private readonly AcmeServerSetup _setup;
    private readonly AcmeServerStore _store;
    private readonly ServerNonces _nonces = new();
    private readonly SignedRequestReader _reader;
    private readonly AccountDesk _accounts;
    private readonly OrderDesk _orders;
    private readonly ChallengeDesk _challenges;
    private readonly CertificateDesk _certificates;

    public AcmeServerRoom(AcmeServerSetup setup)
    {
        _setup = setup;
        _store = new AcmeServerStore(setup.Store);
        _reader = new SignedRequestReader(_store, _nonces);
        var (limits, keeper) = (new ClientLimits(setup.Time), new StoreKeeper(_store, setup.Options, setup.Time));
        _accounts = new AccountDesk(setup, _store, limits, keeper);
        _orders = new OrderDesk(setup, _store, new IdentifierReader(new NameRules(setup), new AddressRules(setup)), new ReplacedCertificates(setup, _store), limits, keeper);
        _challenges = new ChallengeDesk(setup, _store, _orders, new ChallengeValidator(setup, new HttpChallenge(setup.Options.HttpPort), new TlsAlpnChallenge(setup.Options.TlsPort)));
        _certificates = new CertificateDesk(setup, _store, _orders);
    }

    /// <summary>Whether a request under the name of this box is for this server: by its path, from the LAN.</summary>
    public bool Takes(HttpContext context) =>
        context.Request.Path.Value is { } path && path.StartsWith(ServerUrls.Root, StringComparison.Ordinal)
        && context.Request.IsHttps && _setup.IsLan(Client(context));

    /// <summary>Answers it.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        var urls = new ServerUrls($"https://{context.Request.Headers.Host}");
        ServerReply reply;
        try
        {
            reply = await ReplyAsync(context, urls);
        }
        catch (StoreUnavailableException away)
        {
            reply = ServerReply.Problem(StatusCodes.Status503ServiceUnavailable, "serverInternal", away.Message) with { RetryAfter = 60 };
        }

        // RFC 8555 §6.5: every answer to a POST brings the next nonce; §7.1: and the way back.
        context.Response.Headers["Replay-Nonce"] = _nonces.Make();
        context.Response.Headers.Append("Link", $"<{urls.Of("directory")}>;rel=\"index\"");
        await reply.WriteAsync(context);
    }

    public async ValueTask DisposeAsync()
    {
        await _challenges.DisposeAsync();
        _store.Dispose();
    }

    private async Task<ServerReply> ReplyAsync(HttpContext context, ServerUrls urls)
    {
        var path = context.Request.Path.Value![ServerUrls.Root.Length..];
        var parts = path.Split('/');
        switch (context.Request.Method, parts)
        {
            case ("GET", ["directory"]):
                return Directory(urls);
            case ("GET", ["new-nonce"]):
                return new ServerReply(StatusCodes.Status204NoContent, []);
            case ("HEAD", ["new-nonce"]):
                return new ServerReply(StatusCodes.Status200OK, []);
            case ("GET", ["renewal-info", var certificate]):
                return await _certificates.RenewalInfoAsync(certificate, context.RequestAborted);
            case ("POST", _):
                var (request, refusal) = await _reader.ReadAsync(context, urls.Of(path), urls.Account(""));
                return request is null ? refusal! : await PostAsync(request, parts, urls, Client(context), context.RequestAborted);
            default:
                return ServerReply.Problem(StatusCodes.Status405MethodNotAllowed, "malformed", "everything but directory, new-nonce and renewal-info is asked by POST (RFC 8555, section 6.3)");
        }
    }

    private async Task<ServerReply> PostAsync(SignedRequest request, string[] parts, ServerUrls urls, IPAddress client, CancellationToken cancel) => parts switch
    {
        ["new-account"] => await _accounts.NewAsync(request, urls, client, cancel),
        ["account", var id] => await _accounts.ChangeAsync(request, id, urls, cancel),
        ["key-change"] => await _accounts.ChangeKeyAsync(request, urls, cancel),
        ["new-order"] => await _orders.NewAsync(request, urls, client, cancel),
        ["order", var id] => await _orders.ShowAsync(request, id, urls, cancel),
        ["order", var id, "finalize"] => await _certificates.FinalizeAsync(request, id, urls, cancel),
        ["authz", var id, var number] => await _challenges.AuthorizationAsync(request, id, number, urls, cancel),
        ["challenge", var id, var number, var type] => await _challenges.TakeAsync(request, id, number, type, urls, cancel),
        ["certificate", var serial] => await _certificates.DownloadAsync(request, serial, cancel),
        ["revoke-cert"] => await _certificates.RevokeAsync(request, cancel),
        _ => ServerReply.NotFound("resource"),
    };

    private ServerReply Directory(ServerUrls urls) => ServerReply.Of(StatusCodes.Status200OK, json =>
    {
        json.WriteString("newNonce", urls.Of("new-nonce"));
        json.WriteString("newAccount", urls.Of("new-account"));
        json.WriteString("newOrder", urls.Of("new-order"));
        json.WriteString("revokeCert", urls.Of("revoke-cert"));
        json.WriteString("keyChange", urls.Of("key-change"));
        json.WriteString("renewalInfo", urls.Of("renewal-info"));
        json.WriteStartObject("meta");
        json.WriteBoolean("externalAccountRequired", !_setup.Options.AccountKeys.IsEmpty);
        json.WriteEndObject();
    });

    private static IPAddress Client(HttpContext context) =>
        context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : context.Connection.RemoteIpAddress!;
}

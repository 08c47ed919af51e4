using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Edge.Acme;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Edge.AcmeServer;

/// <summary>Orders and their authorizations (RFC 8555 §7.4, §7.5).</summary>
internal sealed partial class OrderDesk(AcmeServerSetup setup, AcmeServerStore store, IdentifierReader identifiers, ReplacedCertificates replacing, ClientLimits limits, StoreKeeper keeper)
{
    /// <summary>How long an order may take.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(1);

    private const int RetryAfter = 1;

    /// <summary>RFC 8555 §7.4.</summary>
    public async Task<ServerReply> NewAsync(SignedRequest request, ServerUrls urls, IPAddress client, CancellationToken cancel)
    {
        if (request.Account is not { } account)
        {
            return ServerReply.Malformed("an order is signed by an account (kid)");
        }

        if (Json.Member(request.Payload, "notBefore") is not null || Json.Member(request.Payload, "notAfter") is not null)
        {
            return ServerReply.Malformed("how long certificates live is set in edge.yaml: leave notBefore and notAfter out");
        }

        if (identifiers.Read(request.Payload, client, out var names, out var reason) is { } refusal)
        {
            if (reason is not null && limits.IsTold(client))
            {
                Log.Refused(setup.Log, client, reason);
            }

            return refusal;
        }

        var (replaced, wrong) = await replacing.FindAsync(request.Payload, account, names, cancel);
        if (wrong is not null)
        {
            return wrong;
        }

        var now = setup.Time.GetUtcNow();
        // First: else cleaning could forget the very account that orders.
        if (now - (account.Used ?? DateTimeOffset.MinValue) > Life && await store.ChangeAccountAsync(account.Id, one => one with { Used = now }, cancel) is null)
        {
            return AccountDesk.Gone();
        }

        if (!limits.MayOrder(client) || !await keeper.HasRoomForOrderAsync(account.Id, client, cancel))
        {
            return ServerReply.Problem(StatusCodes.Status429TooManyRequests, "rateLimited", "too many orders") with { RetryAfter = ClientLimits.RetryAfter };
        }

        var order = new ServerOrder
        {
            Id = Random(),
            Account = account.Id,
            Client = client.ToString(),
            Names = names,
            Authorizations = [.. names.Select(name => new ServerAuthorization { Name = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name, Wildcard = name.StartsWith('*'), Token = Random() })],
            Expires = now + Life,
            Replaces = replaced is null ? null : Json.Text(request.Payload, "replaces"),
        };
        await store.PutAsync(order, cancel);
        if (replaced is not null)
        {
            await store.ChangeCertificateAsync(replaced.Serial, one => one with { ReplacedBy = order.Id }, cancel);
        }

        return Show(order, urls, StatusCodes.Status201Created);
    }

    /// <summary>The order of an account; else why not.</summary>
    public async Task<(ServerOrder? Order, ServerReply? Refusal)> FindAsync(SignedRequest request, string id, CancellationToken cancel) =>
        request.Account is { } account && await store.OrderAsync(id, cancel) is { } order && order.Account == account.Id ? (order, null) : (null, ServerReply.NotFound("order of this account"));

    public async Task<ServerReply> ShowAsync(SignedRequest request, string id, ServerUrls urls, CancellationToken cancel) =>
        await FindAsync(request, id, cancel) is ({ } order, _) ? Show(order, urls, StatusCodes.Status200OK) : ServerReply.NotFound("order of this account");

    /// <summary>RFC 8555 §7.5: reads an authorization, or gives it up (§7.5.2).</summary>
    public async Task<ServerReply> AuthorizationAsync(SignedRequest request, string id, string number, ServerUrls urls, CancellationToken cancel)
    {
        var (order, refusal) = await FindAsync(request, id, cancel);
        if (order is null)
        {
            return refusal!;
        }

        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= order.Authorizations.Length)
        {
            return ServerReply.NotFound("authorization");
        }

        if (Json.Text(request.Payload, "status") == "deactivated")
        {
            order = await store.ChangeAsync(id, one => one with { Authorizations = one.Authorizations.SetItem(index, one.Authorizations[index] with { Status = "deactivated" }) }, cancel) ?? order;
        }

        return ShowAuthorization(order, index, urls);
    }

    public ServerReply Show(ServerOrder order, ServerUrls urls, int status) => ServerReply.Of(status, json =>
    {
        json.WriteString("status", order.Status(setup.Time.GetUtcNow()));
        json.WriteString("expires", Time(order.Expires));
        json.WriteStartArray("identifiers");
        foreach (var name in order.Names)
        {
            WriteIdentifier(json, name);
        }

        json.WriteEndArray();
        json.WriteStartArray("authorizations");
        for (var index = 0; index < order.Authorizations.Length; index++)
        {
            json.WriteStringValue(urls.Authorization(order.Id, index));
        }

        json.WriteEndArray();
        json.WriteString("finalize", urls.Order(order.Id) + "/finalize");
        if (order.Replaces is { } replaced)
        {
            json.WriteString("replaces", replaced);
        }

        if (order.Certificate is { } serial)
        {
            json.WriteString("certificate", urls.Certificate(serial));
        }
    }) with { Location = urls.Order(order.Id) };

    /// <summary>RFC 8555 §8: a challenge as it is.</summary>
    public static void WriteChallenge(Utf8JsonWriter json, ServerOrder order, int index, string type, ServerUrls urls)
    {
        var authorization = order.Authorizations[index];
        var isChosen = authorization.Challenge == type;
        json.WriteString("type", type);
        json.WriteString("url", urls.Challenge(order.Id, index, type));
        json.WriteString("token", authorization.Token);
        json.WriteString("status", !isChosen ? "pending" : authorization.Status == "pending" ? "processing" : authorization.Status == "deactivated" ? "invalid" : authorization.Status);
        if (isChosen && authorization.Validated is { } when)
        {
            json.WriteString("validated", Time(when));
        }

        if (isChosen && authorization.Error is { } error)
        {
            json.WriteStartObject("error");
            json.WriteString("type", "urn:ietf:params:acme:error:" + error);
            json.WriteString("detail", authorization.Detail);
            json.WriteEndObject();
        }
    }

    private ServerReply ShowAuthorization(ServerOrder order, int index, ServerUrls urls)
    {
        var authorization = order.Authorizations[index];
        var expired = authorization.Status == "pending" && setup.Time.GetUtcNow() >= order.Expires;
        return ServerReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WritePropertyName("identifier");
            WriteIdentifier(json, authorization.Name);
            json.WriteString("status", expired ? "expired" : authorization.Status);
            json.WriteString("expires", Time(order.Expires));
            if (authorization.Wildcard)
            {
                json.WriteBoolean("wildcard", true);
            }

            json.WriteStartArray("challenges");
            // Once one is chosen, it is the one that counts.
            foreach (var type in ChallengeValidator.Types(authorization).Where(type => authorization.Challenge is null || authorization.Challenge == type))
            {
                json.WriteStartObject();
                WriteChallenge(json, order, index, type, urls);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }) with { RetryAfter = authorization is { Status: "pending", Challenge: not null } ? RetryAfter : null };
    }

    private static void WriteIdentifier(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject();
        json.WriteString("type", AcmeIdentifier.Of(name).Type);
        json.WriteString("value", name);
        json.WriteEndObject();
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18));

    private static partial class Log
    {
        [LoggerMessage(4303, LogLevel.Information, "{Client} was refused a certificate: {Reason}")]
        public static partial void Refused(ILogger log, IPAddress client, string reason);
    }
}

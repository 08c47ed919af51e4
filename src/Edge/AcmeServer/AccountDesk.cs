using System.Buffers.Text;
using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Edge.Acme;
using Microsoft.AspNetCore.Http;

namespace Edge.AcmeServer;

/// <summary>Accounts: made, found, changed, closed, and given another key (RFC 8555 §7.3).</summary>
internal sealed class AccountDesk(AcmeServerSetup setup, AcmeServerStore store, ClientLimits limits, StoreKeeper keeper)
{
    private const int MostContacts = 10;

    /// <summary>RFC 8555 §7.3 and §7.3.1.</summary>
    public async Task<ServerReply> NewAsync(SignedRequest request, ServerUrls urls, IPAddress client, CancellationToken cancel)
    {
        if (request.Account is not null)
        {
            return ServerReply.Malformed("a new account brings its key (jwk)");
        }

        if (await store.AccountOfKeyAsync(request.Key.Thumbprint, cancel) is { } there)
        {
            return there.Deactivated ? ServerReply.Unauthorized("the account was deactivated") : Show(there, urls, StatusCodes.Status200OK);
        }

        if (Json.True(request.Payload, "onlyReturnExisting"))
        {
            return ServerReply.Problem(StatusCodes.Status400BadRequest, "accountDoesNotExist", "there is no account with this key");
        }

        if (!IsBound(request, urls))
        {
            return ServerReply.Problem(StatusCodes.Status403Forbidden, "externalAccountRequired", "a key of acme-server.account-keys in edge.yaml is needed (external account binding), and this is none");
        }

        if (!limits.MayMakeAccount(client) || !await keeper.HasRoomForAccountAsync(cancel))
        {
            return ServerReply.Problem(StatusCodes.Status429TooManyRequests, "rateLimited", "too many new accounts") with { RetryAfter = ClientLimits.RetryAfter };
        }

        var account = new ServerAccount
        {
            Id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12)),
            Key = request.Key.Canonical,
            Contact = Contacts(request.Payload),
            Created = setup.Time.GetUtcNow(),
            From = client.ToString(),
            Bound = !setup.Options.AccountKeys.IsEmpty,
        };
        await store.PutAsync(account, request.Key.Thumbprint, cancel);
        return Show(account, urls, StatusCodes.Status201Created);
    }

    /// <summary>RFC 8555 §7.3.2 and §7.3.6.</summary>
    public async Task<ServerReply> ChangeAsync(SignedRequest request, string id, ServerUrls urls, CancellationToken cancel)
    {
        if (request.Account is not { } account || account.Id != id)
        {
            return ServerReply.Unauthorized("this is another account's");
        }

        if (request.IsRead)
        {
            return Show(account, urls, StatusCodes.Status200OK);
        }

        var changed = await store.ChangeAccountAsync(
            id,
            one => one with
            {
                Contact = Json.Member(request.Payload, "contact") is null ? one.Contact : Contacts(request.Payload),
                Deactivated = one.Deactivated || Json.Text(request.Payload, "status") == "deactivated",
            },
            cancel);
        return changed is null ? Gone() : Show(changed, urls, StatusCodes.Status200OK);
    }

    /// <summary>RFC 8555 §7.3.5: the old key signs what the new one has signed.</summary>
    public async Task<ServerReply> ChangeKeyAsync(SignedRequest request, ServerUrls urls, CancellationToken cancel)
    {
        if (request.Account is not { } account)
        {
            return ServerReply.Malformed("the account's key signs the change (kid)");
        }

        var inner = Inner(request.Payload, urls.Of("key-change"), out var key);
        if (inner is not { } said || key is null || Json.Text(said, "account") != urls.Account(account.Id)
            || Json.Member(said, "oldKey") is not { } old || PublicJwk.Read(old)?.Thumbprint != request.Key.Thumbprint)
        {
            return ServerReply.Malformed("the payload must be a JWS by the new key, for the same URL, of the account's URL and the old key");
        }

        if (await store.AccountOfKeyAsync(key.Thumbprint, cancel) is { } taken)
        {
            return ServerReply.Problem(StatusCodes.Status409Conflict, "malformed", "another account has this key") with { Location = urls.Account(taken.Id) };
        }

        await store.ChangeKeyAsync(account.Id, key.Canonical, request.Key.Thumbprint, key.Thumbprint, cancel);
        return Show(account, urls, StatusCodes.Status200OK);
    }

    /// <summary>RFC 8555 §6.2: the account was forgotten meanwhile.</summary>
    public static ServerReply Gone() => ServerReply.Problem(StatusCodes.Status400BadRequest, "accountDoesNotExist", "there is no such account any more");

    private static JsonElement? Inner(JsonElement jws, string url, out PublicJwk? key)
    {
        key = null;
        if (Json.Text(jws, "protected") is not { } encoded || Json.Text(jws, "payload") is not { } payload
            || SignedRequestReader.Parse(SignedRequestReader.Bytes(encoded)) is not { } header || SignedRequestReader.Bytes(Json.Text(jws, "signature")) is not { } signature
            || Json.Member(header, "jwk") is not { } jwk || Json.Text(header, "url") != url || PublicJwk.Read(jwk) is not { } brought
            || !brought.Signs(Json.Text(header, "alg")) || !brought.Verify(Encoding.ASCII.GetBytes($"{encoded}.{payload}"), signature))
        {
            return null;
        }

        key = brought;
        return SignedRequestReader.Parse(SignedRequestReader.Bytes(payload));
    }

    // RFC 8555 §7.3.4: an HMAC, by a key the owner gave away, of the account's own key.
    private bool IsBound(SignedRequest request, ServerUrls urls)
    {
        if (setup.Options.AccountKeys.IsEmpty)
        {
            return true;
        }

        if (Json.Member(request.Payload, "externalAccountBinding") is not { } binding
            || Json.Text(binding, "protected") is not { } encoded || Json.Text(binding, "payload") is not { } payload
            || SignedRequestReader.Parse(SignedRequestReader.Bytes(encoded)) is not { } header || SignedRequestReader.Bytes(Json.Text(binding, "signature")) is not { } signature
            || SignedRequestReader.Parse(SignedRequestReader.Bytes(payload)) is not { } key
            || Json.Text(header, "alg") != "HS256" || Json.Text(header, "url") != urls.Of("new-account") || PublicJwk.Read(key)?.Thumbprint != request.Key.Thumbprint)
        {
            return false;
        }

        var known = setup.Options.AccountKeys.FirstOrDefault(pair => pair.Key == Json.Text(header, "kid")).Value;
        return known is not null
            && CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(Base64Url.DecodeFromChars(known), Encoding.ASCII.GetBytes($"{encoded}.{payload}")), signature);
    }

    private static ImmutableArray<string> Contacts(JsonElement payload) => [.. Json.Texts(payload, "contact").Where(contact => contact.Length < 256).Take(MostContacts)];

    private static ServerReply Show(ServerAccount account, ServerUrls urls, int status) => ServerReply.Of(status, json =>
    {
        json.WriteString("status", account.Deactivated ? "deactivated" : "valid");
        json.WriteStartArray("contact");
        foreach (var contact in account.Contact)
        {
            json.WriteStringValue(contact);
        }

        json.WriteEndArray();
    }) with { Location = urls.Account(account.Id) };
}

using System.Buffers.Text;
using System.Net;
using System.Text;

namespace Edge.Acme;

/// <summary>
/// The requests of RFC 8555 and RFC 9773, one method each; what to do with their answers is the caller's. Safe for
/// several orders at once.
/// </summary>
internal sealed class AcmeClient(Uri directory, AccountKey key, HttpClient http, TimeProvider time)
{
    private static readonly byte[] PostAsGet = [];
    private static readonly byte[] EmptyObject = "{}"u8.ToArray();
    private static readonly TimeSpan DirectoryAge = TimeSpan.FromHours(1);

    private readonly AcmeTransport _transport = new(http, time);
    private volatile AcmeDirectory? _cached;
    private volatile AccountKey _key = key;

    /// <summary>The account's key; replaced when it is rolled over.</summary>
    public AccountKey Key
    {
        get => _key;
        set => _key = value;
    }

    public Uri DirectoryUrl => directory;

    /// <summary>The directory as it was read last, however old; null when it never was.</summary>
    public AcmeDirectory? LastDirectory => _cached;

    /// <summary>The account that signs; every request but <see cref="NewAccountAsync"/> needs it.</summary>
    public Uri? Account { get; set; }

    /// <summary>The CA's directory, at most an hour old (RFC 8555 §7.1.1).</summary>
    public async Task<AcmeDirectory> DirectoryAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (_cached is { } cached && (now - cached.Fetched).Duration() <= DirectoryAge)
        {
            return cached;
        }

        var reply = await _transport.GetAsync(directory, cancel).ConfigureAwait(false);
        var read = AcmeDirectory.Read(reply.Json()) ?? throw new AcmeException(reply.Odd("no ACME directory (newNonce, newAccount or newOrder is missing)"));
        return _cached = read with { Fetched = now };
    }

    /// <summary>Makes a key's account, or finds the one it has (§7.3, §7.3.1).</summary>
    /// <exception cref="AcmeException">"accountDoesNotExist" when an existing one is asked for and the key has none.</exception>
    public async Task<AcmeAccount> NewAccountAsync(AccountKey of, AccountRequest request, CancellationToken cancel)
    {
        var offered = await DirectoryAsync(cancel).ConfigureAwait(false);
        var payload = Json.Write(writer =>
        {
            if (request.OnlyExisting)
            {
                writer.WriteBoolean("onlyReturnExisting", true);
                return;
            }

            writer.WriteBoolean("termsOfServiceAgreed", true);
            Json.WriteTexts(writer, "contact", request.Contact);
            if (request.External is { } external)
            {
                writer.WritePropertyName("externalAccountBinding");
                writer.WriteRawValue(JsonWebSignature.Bind(external, of, offered.NewAccount));
            }
        });
        var reply = await PostAsync(offered.NewAccount, of, null, payload, cancel).ConfigureAwait(false);
        var url = reply.Location ?? throw new AcmeException(reply.Odd("an account without a Location"));
        return new AcmeAccount(url, AcmeStatusText.Parse(Json.Text(reply.Json(), "status")), reply.Status == HttpStatusCode.Created);
    }

    /// <summary>Says at which addresses the owner is reached (§7.3.2).</summary>
    public Task UpdateContactAsync(Uri account, IEnumerable<string> contact, CancellationToken cancel) =>
        SendAsync(account, Json.Write(writer => Json.WriteTexts(writer, "contact", contact)), cancel);

    /// <summary>Exchanges the account's key (§7.3.5); <see cref="Key"/> stays as it is.</summary>
    public async Task ChangeKeyAsync(AccountKey fresh, CancellationToken cancel)
    {
        var offered = await DirectoryAsync(cancel).ConfigureAwait(false);
        var url = offered.KeyChange ?? throw Missing("keyChange");
        var exchange = Json.Write(writer =>
        {
            writer.WriteString("account", Account!.OriginalString);
            writer.WritePropertyName("oldKey");
            writer.WriteRawValue(Key.Jwk);
        });

        // Once: signed with the old key, a second request would be refused when the first one has done it.
        await PostAsync(url, Key, Account, JsonWebSignature.Sign(fresh, null, null, url, exchange), cancel, once: true).ConfigureAwait(false);
    }

    /// <summary>Orders one certificate (§7.4). The CA may return an order that exists already: act on its status.</summary>
    public async Task<AcmeOrder> NewOrderAsync(AcmeOrderRequest request, CancellationToken cancel)
    {
        var offered = await DirectoryAsync(cancel).ConfigureAwait(false);
        var payload = Json.Write(writer =>
        {
            writer.WriteStartArray("identifiers");
            foreach (var identifier in request.Identifiers)
            {
                writer.WriteStartObject();
                writer.WriteString("type", identifier.Type);
                writer.WriteString("value", identifier.Value);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            Json.WriteText(writer, "profile", request.Profile);
            Json.WriteText(writer, "replaces", request.Replaces);
        });
        var reply = await SendAsync(offered.NewOrder, payload, cancel).ConfigureAwait(false);
        var url = reply.Location ?? throw new AcmeException(reply.Odd("an order without a Location"));
        return AcmeOrder.Read(url, reply.Json(), reply.RetryAfter);
    }

    public async Task<AcmeOrder> GetOrderAsync(Uri url, CancellationToken cancel)
    {
        var reply = await SendAsync(url, PostAsGet, cancel).ConfigureAwait(false);
        return AcmeOrder.Read(url, reply.Json(), reply.RetryAfter);
    }

    public async Task<AcmeAuthorization> GetAuthorizationAsync(Uri url, CancellationToken cancel)
    {
        var reply = await SendAsync(url, PostAsGet, cancel).ConfigureAwait(false);
        return AcmeAuthorization.Read(url, reply.Json(), reply.RetryAfter);
    }

    /// <summary>Says that a challenge can be looked at now (§7.5.1).</summary>
    public Task RespondAsync(AcmeChallenge challenge, CancellationToken cancel) => SendAsync(challenge.Url, EmptyObject, cancel);

    /// <summary>Gives an authorization up, so that it does not count as pending (§7.5.2).</summary>
    public Task DeactivateAuthorizationAsync(Uri url, CancellationToken cancel) =>
        SendAsync(url, Json.Write(static writer => writer.WriteString("status", "deactivated")), cancel);

    /// <summary>Hands in the certificate request (§7.4).</summary>
    /// <param name="order">A ready order.</param>
    /// <param name="request">PKCS #10, DER.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<AcmeOrder> FinalizeAsync(AcmeOrder order, byte[] request, CancellationToken cancel)
    {
        var url = order.Finalize ?? throw new AcmeException(new AcmeProblem { Type = "about:blank", Detail = $"the order {order.Url} has no finalize URL" });
        var payload = Json.Write(writer => writer.WriteString("csr", Base64Url.EncodeToString(request)));
        var reply = await SendAsync(url, payload, cancel).ConfigureAwait(false);
        return AcmeOrder.Read(order.Url, reply.Json(), reply.RetryAfter);
    }

    /// <summary>A chain in PEM, leaf first, exactly as the CA gives it, and where its other chains are (§7.4.2).</summary>
    public async Task<CertificateChain> DownloadChainAsync(Uri certificate, CancellationToken cancel)
    {
        var reply = await SendAsync(certificate, PostAsGet, cancel).ConfigureAwait(false);
        return new CertificateChain(Encoding.ASCII.GetString(reply.Body), reply.Alternates);
    }

    /// <summary>Takes a certificate back (§7.6): by our account, or by the certificate's own key.</summary>
    public async Task RevokeAsync(byte[] certificate, int reason, AccountKey? byItsKey, CancellationToken cancel)
    {
        var offered = await DirectoryAsync(cancel).ConfigureAwait(false);
        var payload = Json.Write(writer =>
        {
            writer.WriteString("certificate", Base64Url.EncodeToString(certificate));
            writer.WriteNumber("reason", reason);
        });
        await PostAsync(offered.RevokeCert ?? throw Missing("revokeCert"), byItsKey ?? Key, byItsKey is null ? Account : null, payload, cancel).ConfigureAwait(false);
    }

    /// <summary>When a certificate should be renewed (RFC 9773 §4); null when the CA does not offer that.</summary>
    public async Task<RenewalInfo?> GetRenewalInfoAsync(string identity, CancellationToken cancel)
    {
        var offered = await DirectoryAsync(cancel).ConfigureAwait(false);
        if (offered.RenewalInfo is not { } door)
        {
            return null;
        }

        var url = new Uri($"{door.OriginalString.TrimEnd('/')}/{identity}");
        var reply = await _transport.GetAsync(url, cancel).ConfigureAwait(false);
        return RenewalInfo.Read(reply.Json(), reply.RetryAfter) ?? throw new AcmeException(reply.Odd("a renewal window that is none"), reply.RetryAfter);
    }

    private Task<AcmeReply> SendAsync(Uri url, byte[] payload, CancellationToken cancel) => PostAsync(url, Key, Account, payload, cancel);

    private async Task<AcmeReply> PostAsync(Uri url, AccountKey by, Uri? account, byte[] payload, CancellationToken cancel, bool once = false)
    {
        var offered = await DirectoryAsync(cancel).ConfigureAwait(false);
        try
        {
            return await _transport.PostAsync(url, by, account, offered.NewNonce, payload, once, cancel).ConfigureAwait(false);
        }
        catch (AcmeException gone) when (gone.Problem.Status is 404 or 405)
        {
            // The CA may have moved its doors: look at the directory again next time.
            _cached = null;
            throw;
        }
    }

    private AcmeException Missing(string door) => new(new AcmeProblem { Type = "about:blank", Detail = $"{directory} offers no {door}" });
}

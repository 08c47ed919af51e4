using System.Net;
using System.Text;

namespace Edge.Certificates.Acme;

/// <summary>
/// The requests of RFC 8555, one method each; what to do with their answers is the caller's. Safe for several orders
/// at once.
/// </summary>
internal sealed class AcmeClient(Uri directory, AccountKey key, HttpClient http, TimeProvider time)
{
    private static readonly byte[] PostAsGet = [];
    private static readonly byte[] EmptyObject = "{}"u8.ToArray();
    private static readonly TimeSpan DirectoryAge = TimeSpan.FromHours(1);

    private readonly AcmeTransport _transport = new(http, key, time);
    private volatile AcmeDirectory? _cached;

    public AccountKey Key => key;

    public Uri DirectoryUrl => directory;

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

    /// <summary>Makes the key's account, or finds the one it has (§7.3, §7.3.1); <see cref="Account"/> is set to it.</summary>
    /// <exception cref="AcmeException">"accountDoesNotExist" with <paramref name="onlyReturnExisting"/> when the key has none.</exception>
    public async Task<AcmeAccount> NewAccountAsync(IEnumerable<string> contact, bool termsOfServiceAgreed, bool onlyReturnExisting, CancellationToken cancel)
    {
        var offered = await DirectoryAsync(cancel).ConfigureAwait(false);
        var payload = Json.Write(writer =>
        {
            if (onlyReturnExisting)
            {
                writer.WriteBoolean("onlyReturnExisting", true);
                return;
            }

            writer.WriteBoolean("termsOfServiceAgreed", termsOfServiceAgreed);
            writer.WriteStartArray("contact");
            foreach (var address in contact)
            {
                writer.WriteStringValue(address);
            }

            writer.WriteEndArray();
        });
        var reply = await SendAsync(offered.NewAccount, null, offered, payload, cancel).ConfigureAwait(false);
        Account = reply.Location ?? throw new AcmeException(reply.Odd("an account without a Location"));
        return new AcmeAccount(Account, AcmeStatusText.Parse(Json.Text(reply.Json(), "status")), reply.Status == HttpStatusCode.Created);
    }

    /// <summary>Orders one certificate for these DNS names (§7.4). The CA may return an order that exists already: act on its status.</summary>
    public async Task<AcmeOrder> NewOrderAsync(IEnumerable<string> names, CancellationToken cancel)
    {
        var offered = await DirectoryAsync(cancel).ConfigureAwait(false);
        var payload = Json.Write(writer =>
        {
            writer.WriteStartArray("identifiers");
            foreach (var name in names)
            {
                writer.WriteStartObject();
                writer.WriteString("type", "dns");
                writer.WriteString("value", name);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
        var reply = await SendAsync(offered.NewOrder, Account, offered, payload, cancel).ConfigureAwait(false);
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
        var payload = Json.Write(writer => writer.WriteString("csr", System.Buffers.Text.Base64Url.EncodeToString(request)));
        var reply = await SendAsync(url, payload, cancel).ConfigureAwait(false);
        return AcmeOrder.Read(order.Url, reply.Json(), reply.RetryAfter);
    }

    /// <summary>The chain in PEM, leaf first, exactly as the CA gives it (§7.4.2).</summary>
    public async Task<string> DownloadChainAsync(Uri certificate, CancellationToken cancel)
    {
        var reply = await SendAsync(certificate, PostAsGet, cancel).ConfigureAwait(false);
        return Encoding.ASCII.GetString(reply.Body);
    }

    private async Task<AcmeReply> SendAsync(Uri url, byte[] payload, CancellationToken cancel) =>
        await SendAsync(url, Account, await DirectoryAsync(cancel).ConfigureAwait(false), payload, cancel).ConfigureAwait(false);

    private async Task<AcmeReply> SendAsync(Uri url, Uri? account, AcmeDirectory offered, byte[] payload, CancellationToken cancel)
    {
        try
        {
            return await _transport.PostAsync(url, account, offered.NewNonce, payload, cancel).ConfigureAwait(false);
        }
        catch (AcmeException gone) when (gone.Problem.Status is 404 or 405)
        {
            // The CA may have moved its doors: look at the directory again next time.
            _cached = null;
            throw;
        }
    }
}

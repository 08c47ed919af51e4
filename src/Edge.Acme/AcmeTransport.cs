using System.Net;
using System.Net.Http.Headers;

namespace Edge.Acme;

/// <summary>
/// Requests to a CA: signed afresh for every attempt, nonces kept, refusals told apart into those that pass by
/// themselves and those that do not.
/// </summary>
internal sealed class AcmeTransport(HttpClient http, TimeProvider time)
{
    private const int BadNonceAttempts = 20;
    private const int TroubleAttempts = 3;
    private const int MaxBody = 1 << 20;

    // A longer wait than this is not spent inside a request: the renewal loop plans it.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    // For an answer from its request to its last byte.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BadNoncePause = TimeSpan.FromMilliseconds(250);
    private static readonly ProductInfoHeaderValue UserAgent = new("Edge", typeof(AcmeTransport).Assembly.GetName().Version?.ToString(3) ?? "0");

    private readonly NoncePool _nonces = new();

    /// <summary>A plain GET: the directory, renewal information.</summary>
    public Task<AcmeReply> GetAsync(Uri url, CancellationToken cancel) =>
        PersistAsync(token => SendAsync(new HttpRequestMessage(HttpMethod.Get, url), token), once: false, cancel);

    /// <summary>A signed POST (RFC 8555 §6.2); an empty payload is a POST-as-GET (§6.3).</summary>
    /// <param name="url">Where to.</param>
    /// <param name="key">Who signs.</param>
    /// <param name="account">The account of the key; null: the key itself is sent.</param>
    /// <param name="newNonce">Where nonces come from.</param>
    /// <param name="payload">What is said.</param>
    /// <param name="once">Whether it must not be sent again when nobody knows what became of it.</param>
    /// <param name="cancel">Gives up.</param>
    public Task<AcmeReply> PostAsync(Uri url, AccountKey key, Uri? account, Uri newNonce, ReadOnlyMemory<byte> payload, bool once, CancellationToken cancel) =>
        PersistAsync(
            async token =>
            {
                var nonce = _nonces.Take();
                if (nonce is null)
                {
                    var given = await SendAsync(new HttpRequestMessage(HttpMethod.Head, newNonce), token, isForNonce: true).ConfigureAwait(false);
                    nonce = given.Nonce;
                    if (nonce is null)
                    {
                        // What the CA says there holds for the request that needs the nonce (RFC 8555 §7.2).
                        return given.IsSuccess ? throw new HttpRequestException($"{newNonce} gave no nonce (HTTP {(int)given.Status})") : given;
                    }
                }

                var content = new ByteArrayContent(JsonWebSignature.Sign(key, account, nonce, url, payload.Span));

                // §6.2: exactly this, with no charset; Boulder refuses anything else.
                content.Headers.ContentType = new MediaTypeHeaderValue("application/jose+json");
                return await SendAsync(new HttpRequestMessage(HttpMethod.Post, url) { Content = content }, token).ConfigureAwait(false);
            },
            once,
            cancel);

    /// <summary>Sends until the answer is a success or a refusal that another attempt would not change.</summary>
    private async Task<AcmeReply> PersistAsync(Func<CancellationToken, Task<AcmeReply>> send, bool once, CancellationToken cancel)
    {
        var (badNonces, troubles) = (0, once ? TroubleAttempts : 0);
        while (true)
        {
            TimeSpan pause;
            try
            {
                var reply = await send(cancel).ConfigureAwait(false);
                if (reply.IsSuccess)
                {
                    return reply;
                }

                var problem = reply.Problem();
                var again = problem.Is("badNonce")
                    ? ++badNonces < BadNonceAttempts ? BadNoncePause : null
                    : PassesByItself(reply) && ++troubles < TroubleAttempts ? reply.RetryAfter ?? Backoff(troubles) : (TimeSpan?)null;
                if (again is not { } wait || wait > LongestWait)
                {
                    throw new AcmeException(problem, reply.RetryAfter);
                }

                pause = wait;
            }
            catch (Exception lost) when (!cancel.IsCancellationRequested && lost is HttpRequestException or IOException or OperationCanceledException && ++troubles < TroubleAttempts)
            {
                // The request may have arrived: the next attempt carries a new nonce and a new signature (§6.5).
                pause = Backoff(troubles);
            }

            await Task.Delay(pause, time, cancel).ConfigureAwait(false);
        }
    }

    private static bool PassesByItself(AcmeReply reply) => (int)reply.Status >= 500 || reply.Status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout;

    private static TimeSpan Backoff(int troubles) => TimeSpan.FromSeconds(1 << (troubles - 1));

    private async Task<AcmeReply> SendAsync(HttpRequestMessage request, CancellationToken cancel, bool isForNonce = false)
    {
        using var sent = request;
        var url = request.RequestUri!;
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue(UserAgent.Product!));

        // The client's own limit ends with the headers: a CA that stops in the body would hold the order for ever.
        using var patience = new CancellationTokenSource(Patience, time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limited.Token).ConfigureAwait(false);
        if (response.Content.Headers.ContentLength > MaxBody)
        {
            throw new HttpRequestException($"{url} gave more than {MaxBody} bytes");
        }

        await response.Content.LoadIntoBufferAsync(MaxBody, limited.Token).ConfigureAwait(false);
        var body = await response.Content.ReadAsByteArrayAsync(limited.Token).ConfigureAwait(false);
        var reply = new AcmeReply(url, response.StatusCode, body, response.Content.Headers.ContentType?.MediaType, Location(url, response), RetryAfter.Read(response.Headers.RetryAfter, time.GetUtcNow()))
        {
            Alternates = WebLink.Read(url, response, "alternate"),
            Nonce = response.Headers.TryGetValues("Replay-Nonce", out var nonces) && nonces.FirstOrDefault() is { Length: > 0 } nonce ? nonce : null,
        };

        // A refused nonce says that the others of its time are refused as well; the answer brings a good one.
        if (!reply.IsSuccess && reply.Problem().Is("badNonce"))
        {
            _nonces.Clear();
        }

        // §6.5: every answer may bring a nonce, refusals included. Who asked for one keeps it: another order would take it from the pool.
        if (!isForNonce && reply.Nonce is { } next)
        {
            _nonces.Add(next);
        }

        return reply;
    }

    private static Uri? Location(Uri url, HttpResponseMessage response) =>
        response.Headers.Location is { } location ? location.IsAbsoluteUri ? location : new Uri(url, location) : null;
}

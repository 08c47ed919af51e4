using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Edge.Tests.Certificates.Acme;

/// <summary>
/// A CA in memory that checks every request as RFC 8555 §6 says and can be told to misbehave. What a client does
/// wrong stands in <see cref="Violations"/>.
/// </summary>
internal sealed class FakeAcmeServer(string host = FakeAcmeServer.Host) : HttpMessageHandler
{
    public const string Host = "ca.test";

    public static readonly Uri Directory = new("https://ca.test/dir");

    private readonly Lock _gate = new();
    private readonly HashSet<string> _nonces = [];
    private readonly Dictionary<string, ECDsa> _accounts = [];
    private readonly List<FakeOrder> _orders = [];
    private readonly FakeIssuer _issuer = new();
    private int _next;

    /// <summary>Looks at each request (method and path) before the CA does; an answer stands in for the CA's own, an exception for a lost connection.</summary>
    public Func<string, HttpResponseMessage?> Script { get; set; } = _ => null;

    /// <summary>Looks at each request that the CA has done, before its answer leaves; an answer stands in for it, an exception for a lost connection.</summary>
    public Func<string, HttpResponseMessage?> Afterwards { get; set; } = _ => null;

    /// <summary>Whether CAA lets an account have a name, "*." included, by a type of challenge (RFC 8659, RFC 8657).</summary>
    public Func<string, Uri, string, bool> MayIssue { get; set; } = (_, _, _) => true;

    /// <summary>The CA's verdict about a name, asked when the client says its challenge is ready.</summary>
    public Func<string, bool> Validate { get; set; } = _ => true;

    /// <summary>The same by the challenge's type.</summary>
    public Func<string, bool> ValidateBy { get; set; } = _ => true;

    /// <summary>What new authorizations are like.</summary>
    public FakeOffer Offer { get; } = new();

    /// <summary>The members of the directory's "meta", and doors beside the usual ones.</summary>
    public string Meta { get; set; } = """{"termsOfService":"https://ca.test/terms","caaIdentities":["ca.test"],"profiles":{"short":"x"}}""";

    public string Doors { get; set; } = "";

    /// <summary>The key that accounts have to be bound to, by its name; null: none.</summary>
    public (string Id, byte[] Key)? External { get; set; }

    /// <summary>What is said about the renewal of every certificate; null: nothing.</summary>
    public Func<string, HttpResponseMessage>? RenewalInfo { get; set; }

    /// <summary>What is said to an account that is not there.</summary>
    public (HttpStatusCode Status, string Error, string Detail) UnknownAccount { get; set; } = (HttpStatusCode.BadRequest, "accountDoesNotExist", "told to");

    public List<(int Reason, bool ByItsKey)> Revocations { get; } = [];

    /// <summary>How often an order is "processing" before it is valid.</summary>
    public int ProcessingLooks { get; set; }

    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(90);

    public Func<DateTimeOffset> Now { get; set; } = () => DateTimeOffset.UtcNow;

    public List<string> Violations { get; } = [];

    public List<string> Requests { get; } = [];

    public List<CertificateRequest> SigningRequests { get; } = [];

    public IReadOnlyList<FakeOrder> Orders => _orders;

    /// <summary>How many accounts there are.</summary>
    public int Accounts => _accounts.Count;

    public string ThumbprintOf(Uri account) => Convert.ToHexString(SHA256.HashData(_accounts[account.OriginalString].ExportSubjectPublicKeyInfo()));

    public string RootPem => _issuer.RootPem;

    /// <summary>Loses all accounts and nonces, as a CA that is set up anew.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _accounts.Clear();
            _nonces.Clear();
        }
    }

    public HttpResponseMessage Problem(HttpStatusCode status, string error, string detail = "told to")
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent($$"""{"type":"urn:ietf:params:acme:error:{{error}}","detail":"{{detail}}"}""") };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/problem+json");
        response.Headers.Add("Replay-Nonce", NewNonce());
        return response;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? null : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        lock (_gate)
        {
            var line = $"{request.Method} {request.RequestUri!.AbsolutePath}";
            Requests.Add(line);
            if (Script(line) is { } scripted)
            {
                return scripted;
            }

            var response = request.Method.Method switch
            {
                "GET" when request.RequestUri.AbsolutePath.StartsWith("/renewal/", StringComparison.Ordinal) => RenewalInfo!(request.RequestUri.AbsolutePath["/renewal/".Length..]),
                "GET" => Answer(HttpStatusCode.OK, $$"""{"aB3-random":"https://ca.test/why","newNonce":"https://ca.test/nonce","newAccount":"https://ca.test/account","newOrder":"https://ca.test/order","keyChange":"https://ca.test/key-change","revokeCert":"https://ca.test/revoke"{{(RenewalInfo is null ? "" : ",\"renewalInfo\":\"https://ca.test/renewal\"")}}{{Doors}},"meta":{{Meta}}}"""),
                "HEAD" => new HttpResponseMessage(HttpStatusCode.OK),
                _ => Post(request, body!),
            };
            response = Afterwards(line) ?? response;
            if (request.Method != HttpMethod.Get)
            {
                // RFC 8555 §6.5 asks for one in answers to POST only.
                response.Headers.TryAddWithoutValidation("Replay-Nonce", NewNonce());
            }

            return response;
        }
    }

    private HttpResponseMessage Post(HttpRequestMessage request, byte[] body)
    {
        using var jws = JsonDocument.Parse(body);
        var (protectedPart, payloadPart) = (jws.RootElement.GetProperty("protected").GetString()!, jws.RootElement.GetProperty("payload").GetString()!);
        using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(protectedPart));
        Demand(request.Content!.Headers.ContentType!.ToString() == "application/jose+json", "content type");
        Demand(request.Headers.UserAgent.Count > 0, "user agent");
        Demand(header.RootElement.GetProperty("url").GetString() == request.RequestUri!.AbsoluteUri, "url");
        if (!_nonces.Remove(header.RootElement.GetProperty("nonce").GetString()!))
        {
            return Problem(HttpStatusCode.BadRequest, "badNonce");
        }

        var path = request.RequestUri.AbsolutePath;
        var payload = Base64Url.DecodeFromChars(payloadPart);
        ECDsa? key;
        var kid = header.RootElement.TryGetProperty("kid", out var account) ? account.GetString()!.Replace(host, Host, StringComparison.Ordinal) : null;
        if (kid is null)
        {
            Demand(path is "/account" or "/revoke", "a key where the account is to be named");
            key = ReadKey(header.RootElement.GetProperty("jwk"));
        }
        else if (!_accounts.TryGetValue(kid, out key))
        {
            return Problem(UnknownAccount.Status, UnknownAccount.Error, UnknownAccount.Detail);
        }

        if (!key.VerifyData(Encoding.ASCII.GetBytes($"{protectedPart}.{payloadPart}"), Base64Url.DecodeFromChars(jws.RootElement.GetProperty("signature").GetString()), HashAlgorithmName.SHA256))
        {
            Violations.Add("signature");
            return Problem(HttpStatusCode.BadRequest, "malformed", "JWS verification error");
        }

        return path switch
        {
            "/account" => Account(key, payload),
            "/order" => NewOrder(payload),
            "/key-change" => KeyChange(kid!, key, payload),
            "/revoke" => Revoke(kid is null, payload),
            _ when path.StartsWith("/account/", StringComparison.Ordinal) => Answer(HttpStatusCode.OK, """{"status":"valid"}"""),
            _ => Object(path.Split('/'), kid!, payload),
        };
    }

    private HttpResponseMessage Account(ECDsa key, byte[] payload)
    {
        using var json = JsonDocument.Parse(payload);
        var known = _accounts.FirstOrDefault(pair => Same(pair.Value, key)).Key;
        if (json.RootElement.TryGetProperty("onlyReturnExisting", out _))
        {
            return known is null ? Problem(HttpStatusCode.BadRequest, "accountDoesNotExist") : Answer(HttpStatusCode.OK, """{"status":"valid"}""", known);
        }

        Demand(json.RootElement.GetProperty("termsOfServiceAgreed").GetBoolean(), "terms");
        if (External is { } external && !IsBound(json.RootElement, external, key))
        {
            return Problem(HttpStatusCode.Unauthorized, "externalAccountRequired", "who are you?");
        }

        var url = known ?? $"https://ca.test/account/opaque-{++_next}";
        _accounts[url] = key;
        return Answer(known is null ? HttpStatusCode.Created : HttpStatusCode.OK, """{"status":"valid","orders":17}""", url);
    }

    // RFC 8555 §7.3.4.
    private bool IsBound(JsonElement account, (string Id, byte[] Key) external, ECDsa key)
    {
        if (!account.TryGetProperty("externalAccountBinding", out var binding))
        {
            return false;
        }

        var (header, body) = (binding.GetProperty("protected").GetString()!, binding.GetProperty("payload").GetString()!);
        using var told = JsonDocument.Parse(Base64Url.DecodeFromChars(header));
        using var bound = JsonDocument.Parse(Base64Url.DecodeFromChars(body));
        Demand(!told.RootElement.TryGetProperty("nonce", out _), "a nonce in a binding");
        Demand(told.RootElement.GetProperty("url").GetString() == "https://ca.test/account", "the url of a binding");
        Demand(Same(ReadKey(bound.RootElement), key), "the key of a binding");
        return told.RootElement.GetProperty("alg").GetString() == "HS256" && told.RootElement.GetProperty("kid").GetString() == external.Id
            && HMACSHA256.HashData(external.Key, Encoding.ASCII.GetBytes($"{header}.{body}")).AsSpan().SequenceEqual(Base64Url.DecodeFromChars(binding.GetProperty("signature").GetString()));
    }

    // RFC 8555 §7.3.5.
    private HttpResponseMessage KeyChange(string account, ECDsa old, byte[] payload)
    {
        using var inner = JsonDocument.Parse(payload);
        var (header, body) = (inner.RootElement.GetProperty("protected").GetString()!, inner.RootElement.GetProperty("payload").GetString()!);
        using var told = JsonDocument.Parse(Base64Url.DecodeFromChars(header));
        using var exchange = JsonDocument.Parse(Base64Url.DecodeFromChars(body));
        var fresh = ReadKey(told.RootElement.GetProperty("jwk"));
        Demand(!told.RootElement.TryGetProperty("nonce", out _), "a nonce inside a key change");
        Demand(told.RootElement.GetProperty("url").GetString() == "https://ca.test/key-change", "the url inside a key change");
        Demand(exchange.RootElement.GetProperty("account").GetString() == account, "the account of a key change");
        Demand(Same(ReadKey(exchange.RootElement.GetProperty("oldKey")), old), "the old key of a key change");
        Demand(fresh.VerifyData(Encoding.ASCII.GetBytes($"{header}.{body}"), Base64Url.DecodeFromChars(inner.RootElement.GetProperty("signature").GetString()), HashAlgorithmName.SHA256), "the inner signature");
        _accounts[account] = fresh;
        return Answer(HttpStatusCode.OK, """{"status":"valid"}""");
    }

    private HttpResponseMessage Revoke(bool byItsKey, byte[] payload)
    {
        using var json = JsonDocument.Parse(payload);
        Revocations.Add((json.RootElement.GetProperty("reason").GetInt32(), byItsKey));
        return new HttpResponseMessage(HttpStatusCode.OK);
    }

    private static bool Same(ECDsa one, ECDsa other) => one.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(other.ExportSubjectPublicKeyInfo());

    private HttpResponseMessage NewOrder(byte[] payload)
    {
        using var json = JsonDocument.Parse(payload);
        var names = json.RootElement.GetProperty("identifiers").EnumerateArray().Select(item => item.GetProperty("value").GetString()!).ToArray();
        var order = new FakeOrder(_orders.Count, names, Offer)
        {
            Profile = json.RootElement.TryGetProperty("profile", out var profile) ? profile.GetString() : null,
            Replaces = json.RootElement.TryGetProperty("replaces", out var replaces) ? replaces.GetString() : null,
        };
        _orders.Add(order);
        return Answer(HttpStatusCode.Created, order.Json(), $"https://ca.test/orders/{order.Number}");
    }

    private HttpResponseMessage Object(string[] path, string account, byte[] payload)
    {
        var order = _orders[int.Parse(path[2])];
        switch (path[1])
        {
            case "authz":
                var at = int.Parse(path[3]);
                if (payload.Length > 0)
                {
                    order.Authorizations[at] = "deactivated";
                }

                return Answer(HttpStatusCode.OK, order.AuthorizationJson(at));
            case "challenge":
                Demand(Encoding.UTF8.GetString(payload) == "{}", "challenge payload");
                var asked = int.Parse(path[3]);
                var name = order.Names[asked];
                order.Answered[asked] = path[4];
                order.Forbidden[asked] = !MayIssue(name, new Uri(account.Replace(Host, host, StringComparison.Ordinal)), path[4]);
                order.Authorizations[asked] = !order.Forbidden[asked] && Validate(name) && ValidateBy(path[4]) ? "valid" : "invalid";
                return Answer(HttpStatusCode.OK, "{}");
            case "finalize":
                return Finalize(order, payload);
            case "certificate":
                var chain = Answer(HttpStatusCode.OK, path.Length > 3 ? _issuer.Alternate(order.Chain!) : order.Chain!);
                chain.Headers.Add("Link", ["<https://ca.test/dir>;rel=\"index\"", $"<https://ca.test/certificate/{path[2]}/other>;rel=\"alternate\""]);
                return chain;
            default:
                if (order.Finalized && order.Looks++ >= ProcessingLooks)
                {
                    order.Processing = false;
                }

                var response = Answer(HttpStatusCode.OK, order.Json());
                if (order.Processing)
                {
                    response.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(3));
                }

                return response;
        }
    }

    private HttpResponseMessage Finalize(FakeOrder order, byte[] payload)
    {
        if (order.Status != "ready")
        {
            return Problem(HttpStatusCode.Forbidden, "orderNotReady");
        }

        using var json = JsonDocument.Parse(payload);
        var request = CertificateRequest.LoadSigningRequest(Base64Url.DecodeFromChars(json.RootElement.GetProperty("csr").GetString()), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        SigningRequests.Add(request);
        order.Chain = _issuer.Issue(request, Now(), Lifetime);
        Demand(request.CertificateExtensions.Count == 1, "an extension beside the names");
        (order.Finalized, order.Processing) = (true, ProcessingLooks > 0);
        return Answer(HttpStatusCode.OK, order.Json());
    }

    private static ECDsa ReadKey(JsonElement jwk) => ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = { X = Base64Url.DecodeFromChars(jwk.GetProperty("x").GetString()), Y = Base64Url.DecodeFromChars(jwk.GetProperty("y").GetString()) },
    });

    private HttpResponseMessage Answer(HttpStatusCode status, string body, string? location = null)
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent(body.Replace($"https://{Host}/", $"https://{host}/", StringComparison.Ordinal), Encoding.UTF8, "application/json") };
        if (location is not null)
        {
            response.Headers.Location = new Uri(location.Replace(Host, host, StringComparison.Ordinal));
        }

        return response;
    }

    private void Demand(bool kept, string rule)
    {
        if (!kept)
        {
            Violations.Add(rule);
        }
    }

    private string NewNonce()
    {
        lock (_gate)
        {
            var nonce = $"nonce-{++_next}";
            _nonces.Add(nonce);
            return nonce;
        }
    }
}

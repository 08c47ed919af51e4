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
internal sealed class FakeAcmeServer : HttpMessageHandler
{
    public static readonly Uri Directory = new("https://ca.test/dir");

    private readonly Lock _gate = new();
    private readonly HashSet<string> _nonces = [];
    private readonly Dictionary<string, ECDsa> _accounts = [];
    private readonly List<FakeOrder> _orders = [];
    private readonly FakeIssuer _issuer = new();
    private int _next;

    /// <summary>Looks at each request (method and path) before the CA does; an answer stands in for the CA's own, an exception for a lost connection.</summary>
    public Func<string, HttpResponseMessage?> Script { get; set; } = _ => null;

    /// <summary>The CA's verdict about a name, asked when the client says its challenge is ready.</summary>
    public Func<string, bool> Validate { get; set; } = _ => true;

    /// <summary>What each new authorization begins as.</summary>
    public string NewAuthorization { get; set; } = "pending";

    /// <summary>How often an order is "processing" before it is valid.</summary>
    public int ProcessingLooks { get; set; }

    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(90);

    public Func<DateTimeOffset> Now { get; set; } = () => DateTimeOffset.UtcNow;

    public List<string> Violations { get; } = [];

    public List<string> Requests { get; } = [];

    public List<CertificateRequest> SigningRequests { get; } = [];

    public IReadOnlyList<FakeOrder> Orders => _orders;

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
                "GET" => Answer(HttpStatusCode.OK, """{"aB3-random":"https://ca.test/why","newNonce":"https://ca.test/nonce","newAccount":"https://ca.test/account","newOrder":"https://ca.test/order","meta":{"termsOfService":"https://ca.test/terms","profiles":{"short":"x"}}}"""),
                "HEAD" => new HttpResponseMessage(HttpStatusCode.OK),
                _ => Post(request, body!),
            };
            response.Headers.TryAddWithoutValidation("Replay-Nonce", NewNonce());
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
        if (path == "/account")
        {
            key = ReadKey(header.RootElement.GetProperty("jwk"));
        }
        else if (!_accounts.TryGetValue(header.RootElement.GetProperty("kid").GetString()!, out key))
        {
            return Problem(HttpStatusCode.BadRequest, "accountDoesNotExist");
        }

        Demand(key.VerifyData(Encoding.ASCII.GetBytes($"{protectedPart}.{payloadPart}"), Base64Url.DecodeFromChars(jws.RootElement.GetProperty("signature").GetString()), HashAlgorithmName.SHA256), "signature");
        return path == "/account" ? Account(key, payload) : path == "/order" ? NewOrder(payload) : Object(path.Split('/'), payload);
    }

    private HttpResponseMessage Account(ECDsa key, byte[] payload)
    {
        Demand(Encoding.UTF8.GetString(payload).Contains("\"termsOfServiceAgreed\":true"), "terms");
        var url = $"https://ca.test/account/opaque-{++_next}";
        _accounts[url] = key;
        return Answer(HttpStatusCode.Created, """{"status":"valid","orders":17}""", url);
    }

    private HttpResponseMessage NewOrder(byte[] payload)
    {
        using var json = JsonDocument.Parse(payload);
        var names = json.RootElement.GetProperty("identifiers").EnumerateArray().Select(item => item.GetProperty("value").GetString()!).ToArray();
        var order = new FakeOrder(_orders.Count, names, NewAuthorization);
        _orders.Add(order);
        return Answer(HttpStatusCode.Created, order.Json(), $"https://ca.test/orders/{order.Number}");
    }

    private HttpResponseMessage Object(string[] path, byte[] payload)
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
                var name = order.Names[int.Parse(path[3])];
                order.Authorizations[int.Parse(path[3])] = Validate(name) ? "valid" : "invalid";
                return Answer(HttpStatusCode.OK, "{}");
            case "finalize":
                return Finalize(order, payload);
            case "certificate":
                return Answer(HttpStatusCode.OK, order.Chain!);
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
        (order.Finalized, order.Processing) = (true, ProcessingLooks > 0);
        return Answer(HttpStatusCode.OK, order.Json());
    }

    private static ECDsa ReadKey(JsonElement jwk) => ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = { X = Base64Url.DecodeFromChars(jwk.GetProperty("x").GetString()), Y = Base64Url.DecodeFromChars(jwk.GetProperty("y").GetString()) },
    });

    private static HttpResponseMessage Answer(HttpStatusCode status, string body, string? location = null)
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (location is not null)
        {
            response.Headers.Location = new Uri(location);
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

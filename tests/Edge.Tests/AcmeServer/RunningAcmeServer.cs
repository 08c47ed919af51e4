using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Edge.AcmeServer;
using Edge.Certificates;
using Edge.Dns.Wire;
using Edge.Stores;
using Edge.Tests.Certificates;
using Edge.Tests.Gateway;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Tests.AcmeServer;

/// <summary>Edge's ACME server by itself, on plain HTTP, with what DNS says in the hand of the test.</summary>
internal sealed class RunningAcmeServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();
    private readonly AcmeServerSetup _setup;
    private AcmeServerRoom _room;
    private Backend? _front;

    private RunningAcmeServer(TimeProvider time, AcmeServerOptions? options)
    {
        Store = new MemoryStore(time, NullLogger<MemoryStore>.Instance);
        Authority = CertificateAuthority.Open(_folder.Path, "nas.example.com", time, NullLogger.Instance);
        Ask = (_, _) => Task.FromResult<ImmutableArray<RData>>([.. Texts.Select(text => RData.Text(text))]);
        _setup = new AcmeServerSetup
        {
            Options = options ?? new AcmeServerOptions { Enabled = true },
            Node = "nas.example.com",
            Authority = Authority,
            Store = Store,
            IsLan = _ => true,
            IsOurs = name => name.IsAtOrBelow(Name.Parse("example.com")),
            IsServed = host => host is "photos.example.com" or "films.media.example.com",
            ServesBelow = parent => parent is "example.com" or "media.example.com",
            IsOwnAddress = _ => false,
            Ask = (_, _, _, _) => Task.FromResult<ImmutableArray<RData>>([]),
            AskAnew = (name, _, _, cancel) => Ask(name, cancel),
            Time = time,
            Log = NullLogger.Instance,
        };
        _room = new AcmeServerRoom(_setup);
    }

    public CertificateAuthority Authority { get; }

    /// <summary>For what a test writes.</summary>
    public string Folder => _folder.Path;

    public MemoryStore Store { get; }

    /// <summary>The TXT records of every name.</summary>
    public List<string> Texts { get; } = [];

    /// <summary>How they are asked for.</summary>
    public Func<Name, CancellationToken, Task<ImmutableArray<RData>>> Ask { get; set; }

    public static async Task<RunningAcmeServer> StartAsync(TimeProvider? time = null, AcmeServerOptions? options = null)
    {
        var server = new RunningAcmeServer(time ?? TimeProvider.System, options);
        server._front = await Backend.StartAsync(context => server._room.AnswerAsync(context));
        return server;
    }

    /// <summary>Ends the server and begins it anew, with what it stored.</summary>
    public async Task RestartAsync()
    {
        await _room.DisposeAsync();
        _room = new AcmeServerRoom(_setup);
    }

    /// <summary>What a client signs is the https URL that the gateway has.</summary>
    public Uri Url(string path) => new($"https://127.0.0.1:{_front!.Port}/acme/{path}");

    public async Task<string> NonceAsync()
    {
        using var answer = await _http.GetAsync(_front!.Uri + "acme/new-nonce", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        return answer.Headers.GetValues("Replay-Nonce").Single();
    }

    public async Task<ServerAnswer> GetAsync(string path) => await ReadAsync(await _http.GetAsync(_front!.Uri + "acme/" + path, TestContext.Current.CancellationToken));

    public async Task<ServerAnswer> PostAsync(Uri url, byte[] body, string type = "application/jose+json")
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return await ReadAsync(await _http.PostAsync(new UriBuilder(url) { Scheme = "http" }.Uri, content, TestContext.Current.CancellationToken));
    }

    /// <summary>A request that a device signs: with its key where it has no account yet.</summary>
    public async Task<ServerAnswer> SignedAsync(DeviceKey key, Uri? account, Uri url, string payload, string? algorithm = null) =>
        await PostAsync(url, key.Jws(key.Header(await NonceAsync(), url, account, algorithm), payload));

    public Task<ServerAnswer> SignedAsync(DeviceKey key, Uri? account, string path, string payload, string? algorithm = null) => SignedAsync(key, account, Url(path), payload, algorithm);

    public async Task<Uri> RegisterAsync(DeviceKey key) => (await SignedAsync(key, null, "new-account", "{}")).Location!;

    /// <summary>All of an order by dns-01, to the certificate in PEM.</summary>
    public async Task<string> ObtainAsync(DeviceKey key, Uri account, string name)
    {
        var final = await FinalizeAsync(key, account, name);
        return (await SignedAsync(key, account, new Uri(final.Json.GetProperty("certificate").GetString()!), "")).Text;
    }

    /// <summary>The same to what is answered to the certificate request.</summary>
    public async Task<ServerAnswer> FinalizeAsync(DeviceKey key, Uri account, string name)
    {
        var order = await SignedAsync(key, account, "new-order", $$"""{"identifiers":[{"type":"dns","value":"{{name}}"}]}""");
        var authorization = await SignedAsync(key, account, new Uri(order.Json.GetProperty("authorizations")[0].GetString()!), "");
        var challenge = authorization.Json.GetProperty("challenges").EnumerateArray().Single(one => one.GetProperty("type").GetString() == "dns-01");
        Texts.Add(key.DnsAnswer(challenge.GetProperty("token").GetString()!));
        await SignedAsync(key, account, new Uri(challenge.GetProperty("url").GetString()!), "{}");
        await Whole.Eventually.TrueAsync(async () => (await SignedAsync(key, account, order.Location!, "")).Json.GetProperty("status").GetString() == "ready", () => "the order is not ready");
        return await SignedAsync(key, account, new Uri(order.Json.GetProperty("finalize").GetString()!), $$"""{"csr":"{{Request(name)}}"}""");
    }

    public async ValueTask DisposeAsync()
    {
        await _front!.DisposeAsync();
        await _room.DisposeAsync();
        await Store.DisposeAsync();
        Authority.Dispose();
        _http.Dispose();
        _folder.Dispose();
    }

    private string Request(string name)
    {
        var file = Path.Combine(Folder, "request.der");
        OpenSsl.Run("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", file + ".key", "-subj", "/", "-addext", $"subjectAltName=DNS:{name}", "-outform", "DER", "-out", file);
        return System.Buffers.Text.Base64Url.EncodeToString(File.ReadAllBytes(file));
    }

    private static async Task<ServerAnswer> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            var isJson = text.Length > 0 && answer.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true;
            var json = isJson ? JsonDocument.Parse(text).RootElement : default;
            var type = isJson && json.TryGetProperty("type", out var found) ? found.GetString()?.Replace("urn:ietf:params:acme:error:", "", StringComparison.Ordinal) : null;
            Assert.True(answer.RequestMessage!.Method == HttpMethod.Get || answer.Headers.Contains("Replay-Nonce"));
            return new ServerAnswer(answer.StatusCode, answer.Headers.Location, json, text, type, answer.Headers.RetryAfter?.ToString() is { } after ? int.Parse(after, CultureInfo.InvariantCulture) : null);
        }
    }
}

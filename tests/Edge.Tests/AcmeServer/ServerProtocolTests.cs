using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Edge.AcmeServer;
using Edge.Certificates;
using Edge.Acme;
using Edge.Dns.Wire;
using Edge.Stores;
using Edge.Tests.Certificates;
using Edge.Tests.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Tests.AcmeServer;

/// <summary>What RFC 8555 says of requests that are wrong, and of what an account may see.</summary>
public sealed class ServerProtocolTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();
    private readonly AccountKey _key = AccountKey.Create();
    private Backend? _front;
    private AcmeServerRoom? _room;
    private MemoryStore? _store;
    private CertificateAuthority? _authority;

    public async ValueTask InitializeAsync()
    {
        _store = new MemoryStore(TimeProvider.System, NullLogger<MemoryStore>.Instance);
        _authority = CertificateAuthority.Open(_folder.Path, "nas.example.com", TimeProvider.System, NullLogger.Instance);
        _room = new AcmeServerRoom(new AcmeServerSetup
        {
            Options = new AcmeServerOptions { Enabled = true },
            Node = "nas.example.com",
            Authority = _authority,
            Store = _store,
            IsLan = _ => true,
            IsOurs = name => name.IsAtOrBelow(Name.Parse("example.com")),
            IsServed = host => host == "photos.example.com",
            Ask = (_, _, _, _) => Task.FromResult(System.Collections.Immutable.ImmutableArray<RData>.Empty),
            Time = TimeProvider.System,
            Log = NullLogger.Instance,
        });
        _front = await Backend.StartAsync(_room.AnswerAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _front!.DisposeAsync();
        await _room!.DisposeAsync();
        await _store!.DisposeAsync();
        _authority!.Dispose();
        _key.Dispose();
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_nonce_is_good_once()
    {
        var nonce = await NonceAsync();
        var url = Url("new-account");
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(url, JsonWebSignature.Sign(_key, null, nonce, url, "{}"u8))).Status);
        var again = await PostAsync(url, JsonWebSignature.Sign(_key, null, nonce, url, "{}"u8));
        Assert.Equal((HttpStatusCode.BadRequest, "urn:ietf:params:acme:error:badNonce"), (again.Status, again.Type));
    }

    [Fact]
    public async Task The_same_key_is_the_same_account()
    {
        var first = await SignedAsync("new-account", null, "{}");
        var second = await SignedAsync("new-account", null, "{\"onlyReturnExisting\":true}");
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK, first.Location), (first.Status, second.Status, second.Location));
        using var other = AccountKey.Create();
        var none = await SignedAsync("new-account", null, "{\"onlyReturnExisting\":true}", other);
        Assert.Equal("urn:ietf:params:acme:error:accountDoesNotExist", none.Type);
    }

    [Theory]
    [InlineData("{\"identifiers\":[{\"type\":\"dns\",\"value\":\"www.example.org\"}]}", "rejectedIdentifier")]
    [InlineData("{\"identifiers\":[{\"type\":\"dns\",\"value\":\"photos.example.com\"}]}", "rejectedIdentifier")]
    [InlineData("{\"identifiers\":[{\"type\":\"dns\",\"value\":\"nas.example.com\"}]}", "rejectedIdentifier")]
    [InlineData("{\"identifiers\":[{\"type\":\"dns\",\"value\":\"*.example.com\"}]}", "rejectedIdentifier")]
    [InlineData("{\"identifiers\":[{\"type\":\"dns\",\"value\":\"a b.example.com\"}]}", "rejectedIdentifier")]
    [InlineData("{\"identifiers\":[{\"type\":\"dns\",\"value\":\"local\"}]}", "rejectedIdentifier")]
    [InlineData("{\"identifiers\":[{\"type\":\"ip\",\"value\":\"192.0.2.1\"}]}", "unsupportedIdentifier")]
    [InlineData("{\"identifiers\":[]}", "malformed")]
    [InlineData("{\"identifiers\":[{\"type\":\"dns\",\"value\":\"tv.local\"}],\"notAfter\":\"2030-01-01T00:00:00Z\"}", "malformed")]
    [InlineData("{\"identifiers\":[{\"type\":\"dns\",\"value\":\"\\ud800.local\"}]}", "malformed")]
    [InlineData("{}", "malformed")]
    public async Task Orders_that_are_refused(string order, string error)
    {
        var account = (await SignedAsync("new-account", null, "{}")).Location;
        Assert.Equal("urn:ietf:params:acme:error:" + error, (await SignedAsync("new-order", account, order)).Type);
    }

    [Fact]
    public async Task An_order_is_its_accounts_alone_and_is_not_final_before_its_names_are_proven()
    {
        var account = (await SignedAsync("new-account", null, "{}")).Location;
        var order = await SignedAsync("new-order", account, "{\"identifiers\":[{\"type\":\"dns\",\"value\":\"tv.local\"},{\"type\":\"dns\",\"value\":\"*.tv.local\"}]}");
        Assert.Equal((HttpStatusCode.Created, "pending"), (order.Status, order.Json.GetProperty("status").GetString()));
        var path = order.Location!.AbsolutePath["/acme/".Length..];
        Assert.Equal(HttpStatusCode.OK, (await SignedAsync(path, account, "")).Status);
        Assert.Equal("urn:ietf:params:acme:error:orderNotReady", (await SignedAsync(path + "/finalize", account, "{\"csr\":\"AA\"}")).Type);
        using var other = AccountKey.Create();
        var stranger = (await SignedAsync("new-account", null, "{}", other)).Location;
        Assert.Equal(HttpStatusCode.NotFound, (await SignedAsync(path, stranger, "", other)).Status);
        var wildcard = await SignedAsync(new Uri(order.Json.GetProperty("authorizations")[1].GetString()!).AbsolutePath["/acme/".Length..], account, "");
        Assert.True(wildcard.Json.GetProperty("wildcard").GetBoolean());
        Assert.Equal("dns-01", Assert.Single(wildcard.Json.GetProperty("challenges").EnumerateArray()).GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_request_for_another_URL_or_with_another_key_is_refused()
    {
        var account = (await SignedAsync("new-account", null, "{}")).Location!;
        var elsewhere = await PostAsync(Url("new-order"), JsonWebSignature.Sign(_key, account, await NonceAsync(), Url("revoke-cert"), "{}"u8));
        Assert.Equal("urn:ietf:params:acme:error:unauthorized", elsewhere.Type);
        using var other = AccountKey.Create();
        var forged = await PostAsync(Url("new-order"), JsonWebSignature.Sign(other, account, await NonceAsync(), Url("new-order"), "{}"u8));
        Assert.Equal("urn:ietf:params:acme:error:unauthorized", forged.Type);
    }

    [Theory]
    [InlineData("text/plain", "{}", 415)]
    [InlineData("application/jose+json", "", 400)]
    [InlineData("application/jose+json", "[1]", 400)]
    [InlineData("application/jose+json", "{\"protected\":\"!\",\"payload\":\"\",\"signature\":\"AA\"}", 400)]
    [InlineData("application/jose+json", "{\"protected\":\"e30\",\"payload\":\"\",\"signature\":\"AA\"}", 400)]
    [InlineData("application/jose+json", "{\"protected\":\"\\ud800\",\"payload\":\"\",\"signature\":\"AA\"}", 400)]
    public async Task What_is_no_request_is_told(string type, string body, int status)
    {
        using var content = new StringContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var answer = await _http.PostAsync(_front!.Uri + "acme/new-order", content, TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.NotEmpty(answer.Headers.GetValues("Replay-Nonce"));
    }

    [Fact]
    public async Task A_body_without_end_is_not_read_to_its_end()
    {
        using var content = new ByteArrayContent(new byte[200_000]);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/jose+json");
        using var answer = await _http.PostAsync(_front!.Uri + "acme/new-order", content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task An_account_that_is_closed_stays_closed()
    {
        var account = (await SignedAsync("new-account", null, "{\"contact\":[\"mailto:me@example.com\"]}")).Location!;
        var closed = await SignedAsync(account.AbsolutePath["/acme/".Length..], account, "{\"status\":\"deactivated\"}");
        Assert.Equal("deactivated", closed.Json.GetProperty("status").GetString());
        Assert.Equal("urn:ietf:params:acme:error:unauthorized", (await SignedAsync("new-order", account, "{}")).Type);
        Assert.Equal("urn:ietf:params:acme:error:unauthorized", (await SignedAsync("new-account", null, "{}")).Type);
    }

    // What a client signs is the https URL that the gateway has.
    private Uri Url(string path) => new($"https://127.0.0.1:{_front!.Port}/acme/{path}");

    private async Task<string> NonceAsync()
    {
        using var answer = await _http.GetAsync(_front!.Uri + "acme/new-nonce", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        return answer.Headers.GetValues("Replay-Nonce").Single();
    }

    private async Task<Said> SignedAsync(string path, Uri? account, string payload, AccountKey? key = null) =>
        await PostAsync(Url(path), JsonWebSignature.Sign(key ?? _key, account, await NonceAsync(), Url(path), Encoding.UTF8.GetBytes(payload)));

    private async Task<Said> PostAsync(Uri url, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/jose+json");
        using var answer = await _http.PostAsync(new UriBuilder(url) { Scheme = "http" }.Uri, content, TestContext.Current.CancellationToken);
        var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        return new Said(answer.StatusCode, answer.Headers.Location, json, json.TryGetProperty("type", out var type) ? type.GetString() : null);
    }

    private sealed record Said(HttpStatusCode Status, Uri? Location, JsonElement Json, string? Type);
}

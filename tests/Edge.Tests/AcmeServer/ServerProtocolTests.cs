using System.Net;
using System.Text;
using Edge.Acme;

namespace Edge.Tests.AcmeServer;

/// <summary>What RFC 8555 says of requests that are wrong, and of what an account may see.</summary>
public sealed class ServerProtocolTests : IAsyncLifetime
{
    private readonly AccountKey _key = AccountKey.Create();
    private RunningAcmeServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningAcmeServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _key.Dispose();
    }

    [Fact]
    public async Task A_nonce_is_good_once()
    {
        var nonce = await _server.NonceAsync();
        var url = _server.Url("new-account");
        Assert.Equal(HttpStatusCode.Created, (await _server.PostAsync(url, JsonWebSignature.Sign(_key, null, nonce, url, "{}"u8))).Status);
        var again = await _server.PostAsync(url, JsonWebSignature.Sign(_key, null, nonce, url, "{}"u8));
        Assert.Equal((HttpStatusCode.BadRequest, "badNonce"), (again.Status, again.Error));
    }

    [Fact]
    public async Task The_same_key_is_the_same_account()
    {
        var first = await SignedAsync("new-account", null, "{}");
        var second = await SignedAsync("new-account", null, "{\"onlyReturnExisting\":true}");
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK, first.Location), (first.Status, second.Status, second.Location));
        using var other = AccountKey.Create();
        var none = await SignedAsync("new-account", null, "{\"onlyReturnExisting\":true}", other);
        Assert.Equal("accountDoesNotExist", none.Error);
    }

    [Theory]
    [InlineData("{\"identifiers\":[{\"type\":\"dns\",\"value\":\"www.example.org\"}]}", "rejectedIdentifier")]
    [InlineData("{\"identifiers\":[{\"type\":\"dns\",\"value\":\"photos.example.com\"}]}", "rejectedIdentifier")]
    [InlineData("{\"identifiers\":[{\"type\":\"dns\",\"value\":\"nas.example.com\"}]}", "rejectedIdentifier")]
    [InlineData("{\"identifiers\":[{\"type\":\"dns\",\"value\":\"*.example.com\"}]}", "rejectedIdentifier")]
    [InlineData("{\"identifiers\":[{\"type\":\"dns\",\"value\":\"*.media.example.com\"}]}", "rejectedIdentifier")]
    [InlineData("{\"identifiers\":[{\"type\":\"dns\",\"value\":\"a b.example.com\"}]}", "rejectedIdentifier")]
    [InlineData("{\"identifiers\":[{\"type\":\"dns\",\"value\":\"local\"}]}", "rejectedIdentifier")]
    [InlineData("{\"identifiers\":[{\"type\":\"dns\",\"value\":\"192.0.2.1\"}]}", "rejectedIdentifier")]
    [InlineData("{\"identifiers\":[{\"type\":\"ip\",\"value\":\"192.0.2.1\"}]}", "rejectedIdentifier")]
    [InlineData("{\"identifiers\":[{\"type\":\"ip\",\"value\":\"127.0.0.1\"}]}", "rejectedIdentifier")]
    [InlineData("{\"identifiers\":[{\"type\":\"email\",\"value\":\"me@tv.local\"}]}", "unsupportedIdentifier")]
    [InlineData("{\"identifiers\":[{\"value\":\"tv.local\"}]}", "unsupportedIdentifier")]
    [InlineData("{\"identifiers\":[]}", "malformed")]
    [InlineData("{\"identifiers\":[{\"type\":\"dns\",\"value\":\"tv.local\"}],\"notAfter\":\"2030-01-01T00:00:00Z\"}", "malformed")]
    [InlineData("{\"identifiers\":[{\"type\":\"dns\",\"value\":\"\\ud800.local\"}]}", "malformed")]
    [InlineData("{}", "malformed")]
    public async Task Orders_that_are_refused(string order, string error)
    {
        var account = (await SignedAsync("new-account", null, "{}")).Location;
        Assert.Equal(error, (await SignedAsync("new-order", account, order)).Error);
    }

    [Fact]
    public async Task An_order_is_its_accounts_alone_and_is_not_final_before_its_names_are_proven()
    {
        var account = (await SignedAsync("new-account", null, "{}")).Location;
        var order = await SignedAsync("new-order", account, "{\"identifiers\":[{\"type\":\"dns\",\"value\":\"tv.local\"},{\"type\":\"dns\",\"value\":\"*.tv.local\"}]}");
        Assert.Equal((HttpStatusCode.Created, "pending"), (order.Status, order.Json.GetProperty("status").GetString()));
        var path = order.Location!.AbsolutePath["/acme/".Length..];
        Assert.Equal(HttpStatusCode.OK, (await SignedAsync(path, account, "")).Status);
        Assert.Equal("orderNotReady", (await SignedAsync(path + "/finalize", account, "{\"csr\":\"AA\"}")).Error);
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
        var elsewhere = await _server.PostAsync(_server.Url("new-order"), JsonWebSignature.Sign(_key, account, await _server.NonceAsync(), _server.Url("revoke-cert"), "{}"u8));
        Assert.Equal("unauthorized", elsewhere.Error);
        using var other = AccountKey.Create();
        var forged = await _server.PostAsync(_server.Url("new-order"), JsonWebSignature.Sign(other, account, await _server.NonceAsync(), _server.Url("new-order"), "{}"u8));
        Assert.Equal("unauthorized", forged.Error);
    }

    [Theory]
    [InlineData("text/plain", "{}", 415)]
    [InlineData("application/jose+json", "", 400)]
    [InlineData("application/jose+json", "[1]", 400)]
    [InlineData("application/jose+json", "{\"protected\":\"!\",\"payload\":\"\",\"signature\":\"AA\"}", 400)]
    [InlineData("application/jose+json", "{\"protected\":\"e30\",\"payload\":\"\",\"signature\":\"AA\"}", 400)]
    [InlineData("application/jose+json", "{\"protected\":\"\\ud800\",\"payload\":\"\",\"signature\":\"AA\"}", 400)]
    public async Task What_is_no_request_is_told(string type, string body, int status) =>
        Assert.Equal(status, (int)(await _server.PostAsync(_server.Url("new-order"), Encoding.UTF8.GetBytes(body), type)).Status);

    [Fact]
    public async Task A_body_without_end_is_not_read_to_its_end() =>
        Assert.Equal(HttpStatusCode.BadRequest, (await _server.PostAsync(_server.Url("new-order"), new byte[200_000])).Status);

    [Fact]
    public async Task An_account_that_is_closed_stays_closed()
    {
        var account = (await SignedAsync("new-account", null, "{\"contact\":[\"mailto:me@example.com\"]}")).Location!;
        var closed = await SignedAsync(account.AbsolutePath["/acme/".Length..], account, "{\"status\":\"deactivated\"}");
        Assert.Equal("deactivated", closed.Json.GetProperty("status").GetString());
        Assert.Equal("unauthorized", (await SignedAsync("new-order", account, "{}")).Error);
        Assert.Equal("unauthorized", (await SignedAsync("new-account", null, "{}")).Error);
    }

    private async Task<ServerAnswer> SignedAsync(string path, Uri? account, string payload, AccountKey? key = null) =>
        await _server.PostAsync(_server.Url(path), JsonWebSignature.Sign(key ?? _key, account, await _server.NonceAsync(), _server.Url(path), Encoding.UTF8.GetBytes(payload)));
}

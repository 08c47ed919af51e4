using System.Net;
using System.Text;

namespace Edge.Tests.AcmeServer;

/// <summary>Keys of accounts, signed with by openssl (RFC 8555 §6.2, RFC 8037), and their exchange (RFC 8555 §7.3.5).</summary>
public sealed class AccountKeyTests : IAsyncLifetime
{
    private RunningAcmeServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningAcmeServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("P-256", null)]
    [InlineData("P-384", null)]
    [InlineData("RSA", null)]
    [InlineData("Ed25519", "EdDSA")]
    [InlineData("Ed25519", "Ed25519")]
    public async Task An_account_with_such_a_key_gets_a_certificate(string kind, string? algorithm)
    {
        var key = Key(kind);
        var made = await _server.SignedAsync(key, null, "new-account", "{}", algorithm);
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal((HttpStatusCode.OK, made.Location), await FindAsync(key));
        Assert.Contains("BEGIN CERTIFICATE", await _server.ObtainAsync(key, made.Location!, "tv.local"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("P-256")]
    [InlineData("RSA")]
    [InlineData("Ed25519")]
    public async Task A_signature_that_is_wrong_in_one_bit_or_by_another_key_is_refused(string kind)
    {
        var (key, other) = (Key(kind), Key(kind));
        var account = await _server.RegisterAsync(key);
        Assert.Equal("unauthorized", (await _server.SignedAsync(other, account, "new-order", "{}")).Error);
        var text = Encoding.ASCII.GetString(key.Jws(key.Header(await _server.NonceAsync(), _server.Url("new-order"), account), "{}"));
        var first = text.IndexOf("\"signature\":\"", StringComparison.Ordinal) + 13;
        var forged = text[..first] + (text[first] == 'A' ? 'B' : 'A') + text[(first + 1)..];
        Assert.Equal("unauthorized", (await _server.PostAsync(_server.Url("new-order"), Encoding.ASCII.GetBytes(forged))).Error);
    }

    /// <summary>RFC 8555 §6.2: the refusal says which algorithms are known.</summary>
    [Theory]
    [InlineData("P-256", "ES384")]
    [InlineData("P-256", "EdDSA")]
    [InlineData("Ed25519", "ES256")]
    [InlineData("Ed25519", "none")]
    [InlineData("RSA", "HS256")]
    public async Task The_algorithm_must_be_that_of_the_key(string kind, string algorithm)
    {
        var refused = await _server.SignedAsync(Key(kind), null, "new-account", "{}", algorithm);
        Assert.Equal("badSignatureAlgorithm", refused.Error);
        Assert.Equal(["ES256", "ES384", "RS256", "EdDSA", "Ed25519"], refused.Json.GetProperty("algorithms").EnumerateArray().Select(one => one.GetString()));
    }

    [Theory]
    [InlineData("""{"crv":"Ed448","kty":"OKP","x":"AAAA"}""")]
    [InlineData("""{"crv":"Ed25519","kty":"OKP","x":"AAAA"}""")]
    [InlineData("""{"crv":"Ed25519","kty":"OKP","x":"AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}""")]
    [InlineData("""{"crv":"Ed25519","kty":"OKP","x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}""")]
    [InlineData("""{"crv":"X25519","kty":"OKP","x":"3q2-796tvu_erb7v3q2-796tvu_erb7v3q2-796tvu8"}""")]
    [InlineData("""{"kty":"OKP"}""")]
    public async Task What_is_no_key_of_that_kind_is_refused(string jwk)
    {
        var key = Key("Ed25519");
        var url = _server.Url("new-account");
        var header = key.Header(await _server.NonceAsync(), url, null).Replace(key.Jwk, jwk, StringComparison.Ordinal);
        Assert.Equal("badPublicKey", (await _server.PostAsync(url, key.Jws(header, "{}"))).Error);
    }

    [Theory]
    [InlineData("P-256", "P-256", "unauthorized")]
    [InlineData("Ed25519", "Ed25519", "unauthorized")]
    [InlineData("P-256", "Ed25519", "badSignatureAlgorithm")]
    [InlineData("Ed25519", "P-256", "badSignatureAlgorithm")]
    [InlineData("RSA", "P-384", "badSignatureAlgorithm")]
    [InlineData("P-384", "RSA", "badSignatureAlgorithm")]
    public async Task An_account_changes_its_key_and_keeps_all_else(string before, string after, string refused)
    {
        var (old, young) = (Key(before), Key(after));
        var account = await _server.RegisterAsync(old);
        var order = await _server.SignedAsync(old, account, "new-order", """{"identifiers":[{"type":"dns","value":"tv.local"}]}""");
        var changed = await ChangeAsync(old, account, young, Inner(young, account, old));
        Assert.Equal((HttpStatusCode.OK, account), (changed.Status, changed.Location));

        Assert.Equal((HttpStatusCode.OK, account), await FindAsync(young));
        Assert.Equal("accountDoesNotExist", (await _server.SignedAsync(old, null, "new-account", """{"onlyReturnExisting":true}""")).Error);
        Assert.Equal(refused, (await _server.SignedAsync(old, account, order.Location!, "")).Error);
        Assert.Equal("pending", (await _server.SignedAsync(young, account, order.Location!, "")).Json.GetProperty("status").GetString());
        // Challenges go by the key of now.
        Assert.Contains("BEGIN CERTIFICATE", await _server.ObtainAsync(young, account, "tv.local"), StringComparison.Ordinal);

        // The key that was given up may be another account's.
        Assert.NotEqual(account, await _server.RegisterAsync(old));
    }

    [Theory]
    [InlineData("by the old key")]
    [InlineData("for another URL")]
    [InlineData("for another account")]
    [InlineData("of another old key")]
    [InlineData("without its key")]
    [InlineData("forged")]
    [InlineData("of another algorithm")]
    [InlineData("no JWS")]
    public async Task A_change_that_is_wrong_changes_nothing(string wrong)
    {
        var (old, young, third) = (Key("P-256"), Key("P-256"), Key("P-256"));
        var (account, other) = (await _server.RegisterAsync(old), await _server.RegisterAsync(third));
        var url = _server.Url("key-change");
        var said = Payload(account, old);
        var inner = wrong switch
        {
            "by the old key" => old.Jws(young.Header(null, url, null), said),
            "for another URL" => young.Jws(young.Header(null, _server.Url("new-account"), null), said),
            "for another account" => young.Jws(young.Header(null, url, null), Payload(other, old)),
            "of another old key" => young.Jws(young.Header(null, url, null), Payload(account, third)),
            "without its key" => young.Jws(young.Header(null, url, account), said),
            "forged" => third.Jws(young.Header(null, url, null), said),
            "of another algorithm" => young.Jws(young.Header(null, url, null, "EdDSA"), said),
            _ => "{}"u8.ToArray(),
        };
        var refused = await ChangeAsync(old, account, young, inner);
        Assert.Equal((HttpStatusCode.BadRequest, "malformed"), (refused.Status, refused.Error));
        Assert.Equal((HttpStatusCode.OK, account), await FindAsync(old));
        Assert.Equal("accountDoesNotExist", (await _server.SignedAsync(young, null, "new-account", """{"onlyReturnExisting":true}""")).Error);
    }

    /// <summary>RFC 8555 §7.3.5: 409, and where that account is.</summary>
    [Fact]
    public async Task A_key_that_another_account_has_is_not_taken()
    {
        var (key, taken) = (Key("P-256"), Key("Ed25519"));
        var (account, other) = (await _server.RegisterAsync(key), await _server.RegisterAsync(taken));
        var refused = await ChangeAsync(key, account, taken, Inner(taken, account, key));
        Assert.Equal((HttpStatusCode.Conflict, other), (refused.Status, refused.Location));
        Assert.Equal((HttpStatusCode.OK, account), await FindAsync(key));
        Assert.Equal((HttpStatusCode.OK, other), await FindAsync(taken));
    }

    private DeviceKey Key(string kind) => DeviceKey.Create(_server.Folder, kind);

    private async Task<(HttpStatusCode, Uri?)> FindAsync(DeviceKey key)
    {
        var found = await _server.SignedAsync(key, null, "new-account", """{"onlyReturnExisting":true}""");
        return (found.Status, found.Location);
    }

    private async Task<ServerAnswer> ChangeAsync(DeviceKey old, Uri account, DeviceKey young, byte[] inner)
    {
        Assert.NotEqual(old.Jwk, young.Jwk);
        return await _server.SignedAsync(old, account, "key-change", Encoding.ASCII.GetString(inner));
    }

    private byte[] Inner(DeviceKey young, Uri account, DeviceKey old) => young.Jws(young.Header(null, _server.Url("key-change"), null), Payload(account, old));

    private static string Payload(Uri account, DeviceKey old) => $$"""{"account":"{{account.OriginalString}}","oldKey":{{old.Jwk}}}""";
}

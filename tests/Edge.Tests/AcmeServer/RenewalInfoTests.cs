using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Edge.Tests.Certificates;

namespace Edge.Tests.AcmeServer;

/// <summary>RFC 9773: when a device is told to renew, and that it says what it renews.</summary>
public sealed class RenewalInfoTests : IAsyncLifetime
{
    private RunningAcmeServer _server = null!;
    private DeviceKey _key = null!;
    private Uri _account = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningAcmeServer.StartAsync();
        _key = DeviceKey.Create(_server.Folder, "P-256");
        _account = await _server.RegisterAsync(_key);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Section_4_the_window_is_within_the_last_third_of_its_life_and_nobody_has_to_sign()
    {
        var pem = await _server.ObtainAsync(_key, _account, "tv.local");
        using var leaf = X509Certificate2.CreateFromPem(pem);
        Assert.Equal(_server.Url("renewal-info").AbsoluteUri, (await _server.GetAsync("directory")).Json.GetProperty("renewalInfo").GetString());
        var told = await _server.GetAsync($"renewal-info/{Identity(pem)}");
        Assert.Equal(HttpStatusCode.OK, told.Status);
        Assert.InRange(told.RetryAfter ?? 0, 60, 86400);
        var (start, end) = Window(told);
        var life = leaf.NotAfter - leaf.NotBefore;
        Assert.Equal(leaf.NotAfter.ToUniversalTime() - (life / 3), start, TimeSpan.FromSeconds(1));
        Assert.InRange(end, start.AddHours(1), leaf.NotAfter.ToUniversalTime().AddDays(-1));
    }

    /// <summary>RFC 9773 §4.3: a short life needs more looks.</summary>
    [Theory]
    [InlineData(24 * 90, 6 * 3600)]
    [InlineData(16, 2 * 3600)]
    [InlineData(1, 450)]
    public async Task Section_4_3_who_has_a_short_life_is_told_to_look_often(int hours, int most)
    {
        await using var server = await RunningAcmeServer.StartAsync(options: new Edge.AcmeServer.AcmeServerOptions { Enabled = true, Life = TimeSpan.FromHours(hours) });
        var key = DeviceKey.Create(server.Folder, "P-256");
        var pem = await server.ObtainAsync(key, await server.RegisterAsync(key), "tv.local");
        // It is backdated by an hour.
        Assert.InRange((await server.GetAsync($"renewal-info/{Identity(pem)}")).RetryAfter ?? 0, most * 9 / 10, most + 450);
    }

    /// <summary>That is how a client that asks learns of a revocation in time.</summary>
    [Fact]
    public async Task Section_4_2_the_window_of_a_revoked_certificate_is_over()
    {
        var pem = await _server.ObtainAsync(_key, _account, "tv.local");
        using var leaf = X509Certificate2.CreateFromPem(pem);
        Assert.Equal(HttpStatusCode.OK, (await _server.SignedAsync(_key, _account, "revoke-cert", $$"""{"certificate":"{{Base64Url.EncodeToString(leaf.RawDataMemory.Span)}}"}""")).Status);
        var (start, end) = Window(await _server.GetAsync($"renewal-info/{Identity(pem)}"));
        Assert.True(start < end && end <= DateTime.UtcNow, $"{start:u} to {end:u}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("AAAA.{serial}")]
    [InlineData("{issuer}.AAAA")]
    [InlineData("{issuer}.{serial}.AAAA")]
    [InlineData("{issuer}={serial}")]
    public async Task Section_4_1_what_names_none_of_our_certificates_is_not_found(string name)
    {
        var parts = Identity(await _server.ObtainAsync(_key, _account, "tv.local")).Split('.');
        var asked = name.Replace("{issuer}", parts[0], StringComparison.Ordinal).Replace("{serial}", parts[1], StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _server.GetAsync($"renewal-info/{asked}")).Status);
    }

    [Fact]
    public async Task Section_5_an_order_says_what_it_replaces_and_only_one_does()
    {
        var name = Identity(await _server.ObtainAsync(_key, _account, "tv.local"));
        var first = await OrderAsync("tv.local", name);
        Assert.Equal((HttpStatusCode.Created, name), (first.Status, first.Json.GetProperty("replaces").GetString()));
        Assert.Equal(name, (await _server.SignedAsync(_key, _account, first.Location!, "")).Json.GetProperty("replaces").GetString());
        var second = await OrderAsync("tv.local", name);
        Assert.Equal((HttpStatusCode.Conflict, "alreadyReplaced"), (second.Status, second.Error));

        // An order that came to nothing replaces nothing.
        await _server.SignedAsync(_key, _account, new Uri(first.Json.GetProperty("authorizations")[0].GetString()!), """{"status":"deactivated"}""");
        Assert.Equal(HttpStatusCode.Created, (await OrderAsync("tv.local", name)).Status);
    }

    [Theory]
    [InlineData("another name")]
    [InlineData("another account")]
    [InlineData("nonsense")]
    public async Task Section_5_what_is_replaced_is_the_accounts_own_and_shares_a_name(string wrong)
    {
        var name = Identity(await _server.ObtainAsync(_key, _account, "tv.local"));
        if (wrong == "another account")
        {
            _key = DeviceKey.Create(_server.Folder, "P-256");
            _account = await _server.RegisterAsync(_key);
        }

        var refused = await OrderAsync(wrong == "another name" ? "radio.local" : "tv.local", wrong == "nonsense" ? "AAAA" : name);
        Assert.Equal((HttpStatusCode.BadRequest, "malformed"), (refused.Status, refused.Error));
    }

    private Task<ServerAnswer> OrderAsync(string name, string replaces) =>
        _server.SignedAsync(_key, _account, "new-order", $$"""{"identifiers":[{"type":"dns","value":"{{name}}"}],"replaces":"{{replaces}}"}""");

    private static (DateTime Start, DateTime End) Window(ServerAnswer told)
    {
        var window = told.Json.GetProperty("suggestedWindow");
        return (Time(window.GetProperty("start").GetString()!), Time(window.GetProperty("end").GetString()!));
    }

    // RFC 3339.
    private static DateTime Time(string text) => DateTime.ParseExact(text, "yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);

    // As openssl reads the certificate.
    private string Identity(string pem)
    {
        var file = Path.Combine(_server.Folder, "leaf.pem");
        File.WriteAllText(file, pem);
        var said = OpenSsl.Run("x509", "-in", file, "-noout", "-serial", "-ext", "authorityKeyIdentifier");
        var serial = Regex.Match(said, "serial=([0-9A-F]+)").Groups[1].Value;
        var issuer = Regex.Match(said, "(?:[0-9A-F]{2}:){19}[0-9A-F]{2}").Value.Replace(":", "", StringComparison.Ordinal);
        return $"{Base64Url.EncodeToString(Convert.FromHexString(issuer))}.{Base64Url.EncodeToString(Convert.FromHexString(serial))}";
    }
}

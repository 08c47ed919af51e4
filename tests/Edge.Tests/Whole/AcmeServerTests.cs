using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Edge.Tests.Whole;

/// <summary>Devices of the LAN get certificates of Edge's own CA with the programs they have: lego, certbot, another Edge.</summary>
public sealed class AcmeServerTests
{
    [Theory]
    [InlineData("http")]
    [InlineData("tls")]
    public async Task Lego_obtains_renews_and_revokes(string challenge)
    {
        Shell.Need("lego", "lego");
        var port = EdgeProcess.FreePort();
        await using var edge = await StartAsync(port);
        var folder = Path.Combine(edge.Folder, "lego");
        string[] common = ["env", $"LEGO_CA_CERTIFICATES={Root(edge)}", "lego", "--server", Directory(edge), "--accept-tos", "--email", "me@example.com", "--path", folder, "--domains", "scanner.example.com", $"--{challenge}", $"--{challenge}.port", $"127.0.0.1:{port}"];
        var obtained = await Shell.OutputAsync(common[0], [.. common[1..], "run"]);
        var file = Path.Combine(folder, "certificates", "scanner.example.com.crt");
        Assert.True(File.Exists(file), obtained + edge.Output);
        var first = await VerifiedAsync(edge, file, "scanner.example.com");
        Assert.Contains("scanner.example.com made for 127.0.0.1, valid to", edge.Output, StringComparison.Ordinal);
        var renewed = await Shell.OutputAsync(common[0], [.. common[1..], "renew", "--days", "1000", "--no-random-sleep"]);
        var second = await VerifiedAsync(edge, file, "scanner.example.com");
        Assert.True(first != second, renewed);
        Assert.DoesNotContain("error", await Shell.OutputAsync(common[0], [.. common[1..], "revoke"]), StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"scanner.example.com was revoked (serial {second})", edge.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certbot_obtains_renews_and_revokes_with_an_RSA_account()
    {
        Shell.Need("certbot", "certbot");
        var port = EdgeProcess.FreePort();
        await using var edge = await StartAsync(port);
        var folder = Path.Combine(edge.Folder, "certbot");
        string[] common = ["env", $"REQUESTS_CA_BUNDLE={Root(edge)}", "certbot"];
        string[] places = ["--non-interactive", "--config-dir", folder, "--work-dir", folder, "--logs-dir", folder, "--server", Directory(edge)];
        var obtained = await Shell.OutputAsync(common[0], [.. common[1..], "certonly", "--standalone", "--http-01-address", "127.0.0.1", "--http-01-port", $"{port}", "--key-type", "rsa", "--agree-tos", "--register-unsafely-without-email", "-d", "scanner.example.com", .. places]);
        var file = Path.Combine(folder, "live", "scanner.example.com", "fullchain.pem");
        Assert.True(File.Exists(file), obtained + edge.Output);
        var first = await VerifiedAsync(edge, file, "scanner.example.com");
        var renewed = await Shell.OutputAsync(common[0], [.. common[1..], "renew", "--force-renewal", "--no-random-sleep-on-renew", .. places]);
        var second = await VerifiedAsync(edge, file, "scanner.example.com");
        Assert.True(first != second, renewed);
        var revoked = await Shell.OutputAsync(common[0], [.. common[1..], "revoke", "--cert-path", file, "--no-delete-after-revoke", .. places]);
        Assert.Contains("Congratulations", revoked, StringComparison.Ordinal);
        // But not twice; certbot itself stumbles over that answer, so its log is read.
        await Shell.OutputAsync(common[0], [.. common[1..], "revoke", "--cert-path", file, "--no-delete-after-revoke", .. places]);
        Assert.Contains("urn:ietf:params:acme:error:alreadyRevoked", await File.ReadAllTextAsync(Path.Combine(folder, "letsencrypt.log")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_Edge_gets_its_wildcard_by_dns_01()
    {
        await using var server = EdgeProcess.InExampleFolder();
        await using var client = EdgeProcess.InExampleFolder();
        server.WriteSettings(text => text.Replace("dns:\n", $"dns:\n  validation: off\n  forward:\n    lab.test: 127.0.0.1:{client.Dns}\n", StringComparison.Ordinal) + "\nacme-server:\n  names: [lab.test]\n");
        await server.StartAsync();
        client.WriteSettings(text => text.Replace("domain: example.com", "domain: lab.test", StringComparison.Ordinal)
            + $"\ncertificates:\n  acme:\n    directory: {Directory(server)}\n    trusted-root: {Root(server)}\n    agree-to-terms: true\n");
        await client.StartAsync();
        using var api = client.Api();
        string report = "";
        await Eventually.TrueAsync(
            async () =>
            {
                report = await api.GetStringAsync("/v1/certificates");
                using var json = JsonDocument.Parse(report);
                return json.RootElement.EnumerateArray().Any(one => one.GetProperty("issuer").GetString() != "internal" && one.GetProperty("state").GetString() == "serving");
            },
            () => $"{report}\n{client.Output}\n{server.Output}",
            patience: TimeSpan.FromSeconds(60));
        Assert.Contains("*.nas.lab.test", server.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nas.example.com", "is a name of this box or of its services")]
    [InlineData("photos.nas.example.com", "is a name of this box or of its services")]
    [InlineData("www.example.org", "lies neither in a zone of this Edge nor in .local")]
    [InlineData("elsewhere.example.com", "and not to 127.0.0.1, which asks for its certificate")]
    public async Task A_name_that_is_not_the_devices_is_refused_with_the_reason(string name, string reason)
    {
        Shell.Need("lego", "lego");
        var port = EdgeProcess.FreePort();
        await using var edge = await StartAsync(port);
        var said = await Shell.OutputAsync(
            "env", $"LEGO_CA_CERTIFICATES={Root(edge)}", "lego", "--server", Directory(edge), "--accept-tos", "--email", "me@example.com", "--path", Path.Combine(edge.Folder, "lego"), "--domains", name, "--http", "--http.port", $"127.0.0.1:{port}", "run");
        Assert.Contains(reason, said, StringComparison.Ordinal);
        Assert.DoesNotContain("made for", edge.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_who_has_a_key_makes_an_account_where_there_are_keys()
    {
        Shell.Need("lego", "lego");
        var port = EdgeProcess.FreePort();
        const string key = "c2l4dGVlbiBieXRlcyBvciBtb3Jl";
        await using var edge = await StartAsync(port, $"  account-keys:\n    lab: {key}\n");
        string[] common = ["env", $"LEGO_CA_CERTIFICATES={Root(edge)}", "lego", "--server", Directory(edge), "--accept-tos", "--email", "me@example.com", "--domains", "scanner.example.com", "--http", "--http.port", $"127.0.0.1:{port}"];
        var refused = await Shell.OutputAsync(common[0], [.. common[1..], "--path", Path.Combine(edge.Folder, "none"), "--eab", "--kid", "lab", "--hmac", "YW5vdGhlciBrZXkgYWx0b2dldGhlcg", "run"]);
        Assert.Contains("externalAccountRequired", refused, StringComparison.Ordinal);
        var path = Path.Combine(edge.Folder, "lego");
        var obtained = await Shell.OutputAsync(common[0], [.. common[1..], "--path", path, "--eab", "--kid", "lab", "--hmac", key, "run"]);
        Assert.True(File.Exists(Path.Combine(path, "certificates", "scanner.example.com.crt")), obtained + edge.Output);
    }

    private static async Task<EdgeProcess> StartAsync(int port, string more = "")
    {
        var edge = EdgeProcess.InExampleFolder();
        edge.WriteSettings(text => text + $"\nacme-server:\n  http-port: {port}\n  tls-port: {port}\n{more}");
        await File.AppendAllTextAsync(Path.Combine(edge.Folder, "zones", "lan", "example.com.zone"), "\nscanner 60 IN A 127.0.0.1\nelsewhere 60 IN A 192.0.2.1\n");
        await edge.StartAsync();
        return edge;
    }

    private static string Directory(EdgeProcess edge) => $"https://127.0.0.1:{edge.Https}/acme/directory";

    private static string Root(EdgeProcess edge) => Path.Combine(edge.Folder, "data", "ca", "root.crt");

    private static async Task<string> VerifiedAsync(EdgeProcess edge, string file, string name)
    {
        Assert.Contains($"{file}: OK", await Shell.OutputAsync("openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", name, "-CAfile", Root(edge), file), StringComparison.Ordinal);
        using var leaf = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(file));
        return leaf.SerialNumber;
    }
}

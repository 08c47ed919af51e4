using System.Net;
using Edge.Tests.Certificates.Acme;

namespace Edge.Tests.Whole;

/// <summary>ACME clients that answer their challenges by updates; the CA looks through Edge's own DNS.</summary>
public sealed class UpdateAcmeTests
{
    private const string Secret = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    [Fact]
    public async Task Certbot_gets_a_wildcard()
    {
        Shell.Need("certbot", "certbot");
        await using var edge = WithKey();
        using var pebble = Pebble(edge);
        await pebble.StartAsync();
        await edge.StartAsync();
        var credentials = Path.Combine(edge.Folder, "rfc2136.ini");
        await File.WriteAllTextAsync(credentials, $"""
            dns_rfc2136_server = 127.0.0.1
            dns_rfc2136_port = {edge.Dns}
            dns_rfc2136_name = acme
            dns_rfc2136_secret = {Secret}
            dns_rfc2136_algorithm = HMAC-SHA256

            """);
        File.SetUnixFileMode(credentials, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var output = await Shell.OutputAsync("env", $"REQUESTS_CA_BUNDLE={pebble.RootFile}", "certbot", "certonly", "--non-interactive", "--agree-tos", "--register-unsafely-without-email",
            "--server", pebble.Directory.ToString(), "--config-dir", edge.Folder + "/certbot", "--work-dir", edge.Folder + "/certbot", "--logs-dir", edge.Folder + "/certbot",
            "--dns-rfc2136", "--dns-rfc2136-credentials", credentials, "--dns-rfc2136-propagation-seconds", "0", "-d", "app.example.com", "-d", "*.app.example.com");
        Assert.SkipWhen(output.Contains("unrecognized arguments", StringComparison.Ordinal), "certbot's plugin is not installed: apt-get install python3-certbot-dns-rfc2136");
        Assert.True(File.Exists(edge.Folder + "/certbot/live/app.example.com/fullchain.pem"), output + pebble.Output);
        await LeftNothingAsync(edge);
    }

    [Fact]
    public async Task Lego_gets_a_wildcard()
    {
        Shell.Need("lego", "lego");
        await using var edge = WithKey();
        using var pebble = Pebble(edge);
        await pebble.StartAsync();
        await edge.StartAsync();
        var output = await Shell.OutputAsync("env", $"LEGO_CA_CERTIFICATES={pebble.RootFile}", $"RFC2136_NAMESERVER=127.0.0.1:{edge.Dns}", "RFC2136_TSIG_KEY=acme", "RFC2136_TSIG_ALGORITHM=hmac-sha256.",
            $"RFC2136_TSIG_SECRET={Secret}", "RFC2136_POLLING_INTERVAL=1", "RFC2136_SEQUENCE_INTERVAL=1", "lego", "--server", pebble.Directory.ToString(), "--email", "me@example.com", "--accept-tos",
            "--path", edge.Folder + "/lego", "--dns", "rfc2136", "--dns.disable-cp", "--dns.resolvers", $"127.0.0.1:{edge.Dns}", "--domains", "*.app.example.com", "--domains", "app.example.com", "run");
        Assert.True(File.Exists(edge.Folder + "/lego/certificates/_.app.example.com.crt"), output + pebble.Output);
        await LeftNothingAsync(edge);
    }

    // Challenges that came and went leave nothing behind.
    private static async Task LeftNothingAsync(EdgeProcess edge)
    {
        Assert.Equal("[]", (await edge.CommandAsync("zone", "changes", "example.com", "--json")).Output.Trim());
        Assert.Contains("_acme-challenge.app.example.com", await File.ReadAllTextAsync(edge.DataFile("updates.journal")), StringComparison.Ordinal);
    }

    private static EdgeProcess WithKey()
    {
        var edge = EdgeProcess.InExampleFolder();
        edge.WriteSettings(text => text.Replace("\ndns:\n", $"\ndns:\n  keys:\n    acme: {{secret: \"{Secret}\", update: \"_acme-challenge.*.example.com TXT\"}}\n", StringComparison.Ordinal));
        return edge;
    }

    // Certbot tries a nonce again once only.
    private static PebbleServer Pebble(EdgeProcess edge)
    {
        Shell.Need("pebble", "pebble");
        return new PebbleServer(edge.Folder, new IPEndPoint(IPAddress.Loopback, edge.Dns), validitySeconds: 3600) { RefusedNonces = 0 };
    }
}

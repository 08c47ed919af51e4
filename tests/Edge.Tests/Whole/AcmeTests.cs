using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Edge.Tests.Certificates.Acme;

namespace Edge.Tests.Whole;

/// <summary>
/// The program with a public CA in edge.yaml: a real Pebble, which refuses half of all nonces and looks at the
/// challenges through Edge's own DNS.
/// </summary>
public sealed class AcmeTests
{
    private const string Host = "photos.nas.example.com";

    [Fact]
    public async Task The_CAs_wildcard_comes_without_a_restart_and_is_renewed_by_itself()
    {
        Shell.Need("openssl", "openssl");
        await using var edge = EdgeProcess.InExampleFolder();
        using var pebble = PebbleFor(edge, validitySeconds: 40);
        // 1. The CA is down: Edge starts, and shows a certificate of its own.
        await edge.StartAsync();
        await ShowsOwnCertificateAsync(edge);
        await SaysOfTheCaAsync(edge, "cannot be reached");

        // 2. The CA is there: its wildcard with the whole chain, in the same process.
        await pebble.StartAsync();
        await ShowsAsync(edge, pebble);

        // 3. A registration is told how its certificate stands, and so is whoever asks for all of them.
        using var body = new StringContent("""{"to":"http://127.0.0.1:9","ttl":"1h"}""", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var api = edge.Api();
        using var answer = JsonDocument.Parse(await (await api.PutAsync("/v1/services/albums", body)).Content.ReadAsStringAsync());
        var certificate = answer.RootElement.GetProperty("live").GetProperty("certificates")[0];
        Assert.Equal("live", certificate.GetProperty("state").GetString());
        Assert.StartsWith("127.0.0.1", certificate.GetProperty("issuer").GetString());
        Assert.Matches(@"\*\.nas\.example\.com.* 127\.0\.0\.1\S* ", (await edge.CommandAsync("certs")).Output);

        // 4. Keys and all else that was written is the owner's alone.
        var data = Path.Combine(edge.Folder, "data");
        Assert.All(Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories), file => Assert.True((File.GetUnixFileMode(file) & Others) == 0, $"{file} is {File.GetUnixFileMode(file)}"));
        Assert.All(Directory.EnumerateDirectories(data, "*", SearchOption.AllDirectories).Append(data), folder => Assert.True((File.GetUnixFileMode(folder) & Others) == 0, $"{folder} is {File.GetUnixFileMode(folder)}"));

        // 5. Renewal needs nobody.
        var first = await SerialAsync(edge);
        await Eventually.TrueAsync(async () => await SerialAsync(edge) is var serial && serial.Length > 0 && serial != first, () => edge.Output, patience: TimeSpan.FromMinutes(2));
        await ShowsAsync(edge, pebble);

        // 6. What the CA had to see is gone from the zone.
        await Eventually.TrueAsync(async () => !(await edge.DigAsync("_acme-challenge.nas.example.com", "TXT", "+short")).Contains('"', StringComparison.Ordinal), () => edge.Output);
        Assert.Equal(0, await edge.StopAsync());
    }

    [Fact]
    public async Task A_CA_that_dies_stops_nothing_and_is_found_again()
    {
        Shell.Need("openssl", "openssl");
        await using var edge = EdgeProcess.InExampleFolder();
        using var pebble = PebbleFor(edge, validitySeconds: 30);
        await pebble.StartAsync();
        await edge.StartAsync();
        await ShowsAsync(edge, pebble);

        pebble.Kill();
        await SaysOfTheCaAsync(edge, "cannot be reached");
        Assert.Contains("subject", await PresentedAsync(edge), StringComparison.OrdinalIgnoreCase);
        using var browser = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
        Assert.Equal(HttpStatusCode.PermanentRedirect, (await browser.GetAsync($"http://127.0.0.1:{edge.Http}/")).StatusCode);

        // It comes back without memory of our account and with another root: the certificate shown is a new one.
        await pebble.StartAsync();
        await ShowsAsync(edge, pebble);
    }

    [Fact]
    public async Task A_certificate_is_revoked_and_replaced_and_the_account_gets_another_key_by_command()
    {
        Shell.Need("openssl", "openssl");
        await using var edge = EdgeProcess.InExampleFolder();
        using var pebble = PebbleFor(edge, validitySeconds: 36000);
        await pebble.StartAsync();
        await edge.StartAsync();
        await ShowsAsync(edge, pebble);
        var first = await SerialAsync(edge);

        Assert.Contains("has a new key", (await edge.CommandAsync("certs", "rollover")).Output);
        Assert.Contains("is revoked (keyCompromise)", (await edge.CommandAsync("certs", "revoke", "nas.example.com", "--reason", "keyCompromise")).Output);
        await ShowsAsync(edge, pebble);
        Assert.NotEqual(first, await SerialAsync(edge));
        Assert.Contains("Revoked", await pebble.StatusAsync(first[(first.IndexOf('=', StringComparison.Ordinal) + 1)..]));

        var second = await SerialAsync(edge);
        Assert.Contains("is being ordered", (await edge.CommandAsync("certs", "renew", "*.nas.example.com")).Output);
        await Eventually.TrueAsync(async () => await SerialAsync(edge) is var serial && serial.Length > 0 && serial != second, () => edge.Output, patience: TimeSpan.FromMinutes(2));
        var refused = await edge.CommandAsync("certs", "renew", "www.elsewhere.org");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("there are *.nas.example.com", refused.Output);
    }

    [Fact]
    public async Task Whenever_it_is_killed_on_the_way_the_next_start_comes_to_its_certificate_with_the_same_account()
    {
        Shell.Need("openssl", "openssl");
        await using var edge = EdgeProcess.InExampleFolder();
        using var pebble = PebbleFor(edge, validitySeconds: 36000);
        await pebble.StartAsync();
        // Not while the CA looks: that it finds nobody is a failure like others, after which Edge waits.
        foreach (var step in (string[])["There are now 1 accounts", "There are now 1 orders", "Issued certificate"])
        {
            edge.StartOnly();
            await Eventually.TrueAsync(() => Task.FromResult(pebble.Output.Contains(step, StringComparison.Ordinal)), () => $"no \"{step}\"\n{edge.Output}\n{pebble.Output}", () => edge.HasEnded, TimeSpan.FromMinutes(1));
            await edge.KillAsync();
        }

        await edge.StartAsync();
        await ShowsAsync(edge, pebble);
        Assert.DoesNotContain("There are now 2 accounts", pebble.Output);
    }

    [Fact]
    public async Task Without_a_network_it_starts_and_serves_all_the_same()
    {
        Shell.Need("dig", "bind9-dnsutils");
        Shell.Need("unshare", "util-linux");
        Assert.SkipUnless(await MayMakeNamespacesAsync("-n"), "network namespaces cannot be made here: needs root");
        await using var edge = EdgeProcess.InExampleFolder();
        edge.WriteSettings(text => text + "\ncertificates:\n  acme:\n    directory: https://acme-v02.api.letsencrypt.org/directory\n    agree-to-terms: true\n");
        // Only the loopback, and that only after Edge looked for it: everything else is unreachable.
        edge.Before = ["unshare", "-n", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"];
        edge.StartOnly();
        async Task<string> InsideAsync(params string[] command) => await Shell.OutputAsync("nsenter", ["-n", "-t", $"{edge.Id}", .. command]);
        await Eventually.TrueAsync(async () => await InsideAsync("dig", "@127.0.0.1", "-p", $"{edge.Dns}", "+time=1", "+tries=1", "+short", Host, "A") == "192.168.1.10", () => edge.Output, () => edge.HasEnded);
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains("the CA cannot be reached", StringComparison.Ordinal)), () => edge.Output);
        Assert.Equal("ok", await InsideAsync("curl", "-s", $"http://127.0.0.1:{edge.Admin}/healthz"));
        Assert.Equal(0, await edge.StopAsync());
    }

    internal static async Task<bool> MayMakeNamespacesAsync(string which) => await Shell.OutputAsync("unshare", which, "echo", "yes") == "yes";

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private static PebbleServer PebbleFor(EdgeProcess edge, int validitySeconds)
    {
        Shell.Need("pebble", "pebble");
        var pebble = new PebbleServer(edge.Folder, new IPEndPoint(IPAddress.Loopback, edge.Dns), validitySeconds);
        edge.WriteSettings(text => text + $"\ncertificates:\n  acme:\n    directory: {pebble.Directory}\n    contact: me@example.com\n    agree-to-terms: true\n    trusted-root: {Path.GetFileName(pebble.RootFile)}\n");
        return pebble;
    }

    private static Task<string> PresentedAsync(EdgeProcess edge, params string[] options) =>
        Shell.OutputAsync("openssl", ["s_client", "-connect", $"127.0.0.1:{edge.Https}", "-servername", Host, "-verify_hostname", Host, "-showcerts", .. options]);

    private static async Task ShowsOwnCertificateAsync(EdgeProcess edge) =>
        Assert.Contains("Verify return code: 0 (ok)", await PresentedAsync(edge, "-CAfile", Path.Combine(edge.Folder, "data", "ca", "root.crt")), StringComparison.Ordinal);

    /// <summary>Waits until a stranger who trusts the CA's root only gets leaf and intermediate, and finds them right.</summary>
    private static async Task ShowsAsync(EdgeProcess edge, PebbleServer pebble)
    {
        var root = Path.Combine(edge.Folder, "pebble-root.pem");
        await File.WriteAllTextAsync(root, await pebble.RootPemAsync());
        var seen = "";
        await Eventually.TrueAsync(
            async () => (seen = await PresentedAsync(edge, "-CAfile", root)).Contains("Verify return code: 0 (ok)", StringComparison.Ordinal),
            () => $"{seen}\n{edge.Output}\n{pebble.Output}",
            patience: TimeSpan.FromMinutes(3));
        // s_client numbers what it was sent: the leaf, and the intermediate that Pebble signs with.
        Assert.Contains("\n 0 s:", seen, StringComparison.Ordinal);
        Assert.Contains("\n 1 s:", seen, StringComparison.Ordinal);
    }

    private static Task SaysOfTheCaAsync(EdgeProcess edge, string words) =>
        Eventually.TrueAsync(async () => (await edge.CommandAsync("certs")).Output.Contains(words, StringComparison.Ordinal), () => edge.Output, patience: TimeSpan.FromMinutes(1));

    private static async Task<string> SerialAsync(EdgeProcess edge)
    {
        var chain = Path.Combine(edge.Folder, "leaf.pem");
        var shown = await PresentedAsync(edge);
        var begin = shown.IndexOf("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal);
        if (begin < 0)
        {
            return "";
        }

        await File.WriteAllTextAsync(chain, shown[begin..]);
        return await Shell.OutputAsync("openssl", "x509", "-in", chain, "-noout", "-serial");
    }
}

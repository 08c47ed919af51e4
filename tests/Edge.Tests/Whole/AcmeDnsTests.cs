using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Edge.Tests.Certificates.Acme;

namespace Edge.Tests.Whole;

/// <summary>A program elsewhere gets its certificate by putting its answers into a zone of ours.</summary>
public sealed class AcmeDnsTests
{
    private const string Key = "5f1c9d0e2ab74c36";
    private const string Text = "LHDhK3oGRvkiefQnx7OOczTY5Tic_xZ6HcMOc_gmtoM";

    [Fact]
    public async Task Lego_registers_and_gets_a_wildcard_for_a_name_that_is_an_alias()
    {
        Shell.Need("lego", "lego");
        Shell.Need("pebble", "pebble");
        await using var edge = WithAcmeDns();
        using var pebble = new PebbleServer(edge.Folder, new IPEndPoint(IPAddress.Loopback, edge.Dns), validitySeconds: 3600) { RefusedNonces = 0 };
        await pebble.StartAsync();
        await edge.StartAsync();
        var roots = Path.Combine(edge.Folder, "roots.pem");
        await File.WriteAllTextAsync(roots, await File.ReadAllTextAsync(pebble.RootFile) + "\n" + await File.ReadAllTextAsync(Path.Combine(edge.Folder, "data", "ca", "root.crt")));
        string[] lego = [$"SSL_CERT_FILE={roots}", $"LEGO_CA_CERTIFICATES={pebble.RootFile}", $"ACME_DNS_API_BASE=https://any:{Key}@127.0.0.1:{edge.Https}/acme-dns", $"ACME_DNS_STORAGE_PATH={edge.Folder}/acme-dns.json",
            "lego", "--server", pebble.Directory.ToString(), "--email", "me@example.com", "--accept-tos", "--path", edge.Folder + "/lego", "--dns", "acme-dns", "--dns.disable-cp", "--dns.resolvers", $"127.0.0.1:{edge.Dns}",
            "--domains", "*.far.example.com", "--domains", "far.example.com", "run"];

        // The first time it registers, and says which alias it wants.
        var first = await Shell.OutputAsync("env", lego);
        var target = Regex.Match(first, "[0-9a-f-]{36}\\.auth\\.example\\.com").Value;
        Assert.True(target.Length > 0, first + edge.Output);
        await File.AppendAllTextAsync(Path.Combine(edge.Folder, "zones", "example.com.zone"), $"\n_acme-challenge.far 60 IN CNAME {target}.\n");
        await Eventually.TrueAsync(async () => (await edge.DigAsync("_acme-challenge.far.example.com", "CNAME", "+short")).Contains(target, StringComparison.Ordinal), () => edge.Output);
        var second = await Shell.OutputAsync("env", lego);

        Assert.True(File.Exists(edge.Folder + "/lego/certificates/_.far.example.com.crt"), first + second + pebble.Output + edge.Output);
        Assert.Equal(2, (await edge.DigAsync(target, "TXT", "+short")).Split('\n').Length);
    }

    [Fact]
    public async Task What_was_acknowledged_is_answered_to_everybody_also_after_a_kill()
    {
        await using var edge = WithAcmeDns();
        await edge.StartAsync();
        string name;
        using (var http = Client())
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", Key);
            using var registered = await http.PostAsync($"https://127.0.0.1:{edge.Https}/acme-dns/register", null);
            Assert.Equal(HttpStatusCode.Created, registered.StatusCode);
            var account = await registered.Content.ReadFromJsonAsync<JsonElement>();
            name = account.GetProperty("fulldomain").GetString()!;
            using var request = new HttpRequestMessage(HttpMethod.Post, $"https://127.0.0.1:{edge.Https}/acme-dns/update") { Content = new StringContent($$"""{"subdomain":"{{account.GetProperty("subdomain").GetString()}}","txt":"{{Text}}"}""") };
            request.Headers.Add("X-Api-User", account.GetProperty("username").GetString());
            request.Headers.Add("X-Api-Key", account.GetProperty("password").GetString());
            using var updated = await http.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, updated.StatusCode);
            await edge.KillAsync();
        }

        await edge.StartAsync();
        Assert.Equal($"\"{Text}\"", await edge.DigAsync(name, "TXT", "+short"));
        Assert.Equal($"\"{Text}\"", await edge.DigAsync("-b", "127.0.0.2", name, "TXT", "+short"));
    }

    [Fact]
    public async Task Without_the_setting_there_is_no_such_thing()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        using var http = Client();
        using var answer = await http.PostAsync($"https://127.0.0.1:{edge.Https}/acme-dns/register", null);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static EdgeProcess WithAcmeDns()
    {
        var edge = EdgeProcess.InExampleFolder();
        edge.WriteSettings(text => text + $"\nacme-dns:\n  domain: auth.example.com\n  register-key: {Key}\n");
        return edge;
    }

    private static HttpClient Client() => new(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } });
}

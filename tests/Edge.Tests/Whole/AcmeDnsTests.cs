using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Edge.Tests.Certificates.Acme;

namespace Edge.Tests.Whole;

/// <summary>A program elsewhere gets its certificate by putting its answers into a zone of ours.</summary>
public sealed class AcmeDnsTests
{
    private const string Key = "5f1c9d0e2ab74c36";
    private const string Text = "LHDhK3oGRvkiefQnx7OOczTY5Tic_xZ6HcMOc_gmtoM";

    /// <summary>Lego as Debian builds it has no client of acme-dns; a hook that sends the same updates stands for it.</summary>
    [Fact]
    public async Task Lego_gets_a_wildcard_for_a_name_that_is_an_alias()
    {
        Shell.Need("lego", "lego");
        Shell.Need("pebble", "pebble");
        Shell.Need("curl", "curl");
        await using var edge = WithAcmeDns();
        using var pebble = new PebbleServer(edge.Folder, new IPEndPoint(IPAddress.Loopback, edge.Dns), validitySeconds: 3600) { RefusedNonces = 0 };
        await pebble.StartAsync();
        await edge.StartAsync();
        var address = $"https://127.0.0.1:{edge.Https}/acme-dns";
        var root = Path.Combine(edge.Folder, "data", "ca", "root.crt");
        var account = JsonDocument.Parse(await Shell.OutputAsync("curl", "-s", "--cacert", root, "-X", "POST", "-u", $"any:{Key}", address + "/register")).RootElement;
        var target = account.GetProperty("fulldomain").GetString()!;
        await File.AppendAllTextAsync(Path.Combine(edge.Folder, "zones", "example.com.zone"), $"\n_acme-challenge.far 60 IN CNAME {target}.\n");
        await Eventually.TrueAsync(async () => (await edge.DigAsync("_acme-challenge.far.example.com", "CNAME", "+short")).Contains(target, StringComparison.Ordinal), () => edge.Output);
        var hook = Path.Combine(edge.Folder, "hook.sh");
        await File.WriteAllTextAsync(hook, $$"""
            #!/bin/sh
            [ "$1" = present ] || exit 0
            exec curl -sf --cacert {{root}} -H "X-Api-User: {{account.GetProperty("username").GetString()}}" -H "X-Api-Key: {{account.GetProperty("password").GetString()}}" -d '{"subdomain":"{{account.GetProperty("subdomain").GetString()}}","txt":"'"$3"'"}' {{address}}/update

            """);
        File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var output = await Shell.OutputAsync("env", $"LEGO_CA_CERTIFICATES={pebble.RootFile}", $"EXEC_PATH={hook}", "EXEC_POLLING_INTERVAL=1", "EXEC_SEQUENCE_INTERVAL=1", "lego", "--server", pebble.Directory.ToString(), "--email", "me@example.com", "--accept-tos",
            "--path", edge.Folder + "/lego", "--dns", "exec", "--dns.disable-cp", "--dns.resolvers", $"127.0.0.1:{edge.Dns}", "--domains", "*.far.example.com", "--domains", "far.example.com", "run");

        Assert.True(File.Exists(edge.Folder + "/lego/certificates/_.far.example.com.crt"), output + pebble.Output + edge.Output);
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

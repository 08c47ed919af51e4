using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Edge.Tests.Certificates.Acme;

namespace Edge.Tests.Whole;

/// <summary>A disk that takes nothing more costs what would be new, and nothing of what is there.</summary>
public sealed class FullDiskTests
{
    private const string Small = "mkdir -p data && mount -t tmpfs -o size=2m,mode=700 tmpfs data && cp -a saved/. data/ 2>/dev/null; ";
    private const string Fill = "dd if=/dev/zero of=data/filled bs=4k 2>/dev/null; ";

    [Fact]
    public async Task While_it_is_full_registrations_are_refused_and_everything_else_goes_on()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = await OnSmallDiskAsync(Small);
        await edge.StartAsync();
        using var api = edge.Api();
        Assert.Equal(HttpStatusCode.Created, (await PutAsync(api, "before")).StatusCode);
        Assert.Equal("good 198.51.100.7\n", await api.GetStringAsync("/nic/update?hostname=moving.example.com&myip=198.51.100.7"));
        await FillAsync(edge);

        // 1. What needs the disk is refused in one document, as often as it is asked.
        for (var turn = 0; turn < 3; turn++)
        {
            await RefusedAsync(await PutAsync(api, "during"));
            await RefusedAsync(await api.PostAsync("/v1/tokens", new StringContent("""{"name":"during"}""", Encoding.UTF8, new MediaTypeHeaderValue("application/json"))));
            Assert.Equal("911\nnochg 198.51.100.7\n", await api.GetStringAsync("/nic/update?hostname=new.example.com,moving.example.com&myip=198.51.100.7"));
            Assert.Equal("911\n", await api.GetStringAsync("/nic/update?hostname=moving.example.com&myip=198.51.100.8"));
        }

        Assert.Equal("198.51.100.7", await edge.DigAsync("moving.example.com", "A", "+short"));
        Assert.Equal("", await edge.DigAsync("new.example.com", "A", "+short"));

        // 2. Names, routes and certificates go on.
        Assert.Equal("192.168.1.10", await edge.DigAsync("before.nas.example.com", "A", "+short"));
        using var browser = GatewayClient.Create(edge.DataFile("ca/root.crt"), edge.Https, followRedirects: false);
        Assert.Equal(HttpStatusCode.BadGateway, (await browser.GetAsync("https://before.nas.example.com/")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("https://during.nas.example.com/")).StatusCode);

        // 3. With space again Edge goes on by itself, and nothing was lost.
        File.Delete(edge.DataFile("filled"));
        Assert.Equal(HttpStatusCode.Created, (await PutAsync(api, "during")).StatusCode);
        Assert.Equal("good 198.51.100.8\n", await api.GetStringAsync("/nic/update?hostname=moving.example.com&myip=198.51.100.8"));
        Assert.Contains("before", await api.GetStringAsync("/v1/services"), StringComparison.Ordinal);
        Assert.Equal(0, await edge.StopAsync());
    }

    [Fact]
    public async Task While_it_is_full_updates_are_refused_and_names_go_on()
    {
        Shell.Need("nsupdate", "bind9-dnsutils");
        await using var edge = await OnSmallDiskAsync(Small);
        UpdateTests.GiveKeys(edge);
        await edge.StartAsync();
        Assert.Equal("", await UpdateTests.NsupdateAsync(edge, "everything", "update add before.example.com 60 A 192.0.2.1"));
        await FillAsync(edge);
        string[] larger = ["update delete before.example.com", .. Enumerable.Range(0, 40).Select(i => $"update add during.example.com 60 TXT \"{i} {new string('x', 240)}\"")];
        for (var turn = 0; turn < 3; turn++)
        {
            // Larger than what is left of the journal's last block.
            Assert.Contains("SERVFAIL", await UpdateTests.NsupdateAsync(edge, "everything", larger), StringComparison.Ordinal);
            Assert.Equal("192.0.2.1", await edge.DigAsync("before.example.com", "A", "+short"));
            Assert.Contains("NXDOMAIN", await edge.DigAsync("during.example.com", "TXT"), StringComparison.Ordinal);
        }

        // With space again it goes on by itself, and all of it is there after the hardest end.
        File.Delete(edge.DataFile("filled"));
        Assert.Equal("", await UpdateTests.NsupdateAsync(edge, "everything", "update add after.example.com 60 A 192.0.2.2"));
        var journal = await File.ReadAllTextAsync(edge.DataFile("updates.journal"));
        Assert.Contains("set before.example.com. 60 A 192.0.2.1", journal, StringComparison.Ordinal);
        Assert.Contains("set after.example.com. 60 A 192.0.2.2", journal, StringComparison.Ordinal);
        Assert.DoesNotContain("during", journal, StringComparison.Ordinal);
        Assert.EndsWith("\n", journal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task On_a_full_disk_it_starts_with_what_it_has_and_for_the_first_time_says_why_not_in_one_line(bool startedBefore)
    {
        await using var edge = await OnSmallDiskAsync(Small + Fill);
        var saved = Path.Combine(edge.Folder, "saved");
        if (startedBefore)
        {
            var inNamespace = edge.Before;
            edge.Before = [];
            await edge.StartAsync();
            using (var api = edge.Api())
            {
                await PutAsync(api, "before");
            }

            await edge.StopAsync();
            edge.Forget();
            Directory.Move(Path.Combine(edge.Folder, "data"), saved);
            edge.Before = inNamespace;
        }

        edge.StartOnly();
        await Eventually.TrueAsync(() => Task.FromResult(edge.HasEnded || edge.Output.Contains("Edge serves", StringComparison.Ordinal)), () => edge.Output);
        Assert.DoesNotContain("   at ", edge.Output, StringComparison.Ordinal);
        if (startedBefore)
        {
            await IsServedAsync(edge);
            return;
        }

        Assert.Equal(3, await edge.ExitCodeAsync());
        var line = Assert.Single(edge.Output.TrimEnd().Split('\n'));
        Assert.StartsWith("edge: ", line, StringComparison.Ordinal);
        Assert.Contains("the disk is full", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_it_is_full_queries_are_not_written_and_answered_all_the_same()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = await OnSmallDiskAsync(Small);
        edge.WriteSettings(text => text + "\nqueries:\n  file: data/queries.log\n");
        await edge.StartAsync();
        await FillAsync(edge);
        await Eventually.TrueAsync(async () =>
        {
            Assert.Equal("192.168.1.10", await edge.DigAsync("nas.example.com", "A", "+short"));
            return edge.Output.Contains("Queries cannot be written", StringComparison.Ordinal);
        }, () => edge.Output);
        Assert.Contains("nas.example.com = 192.168.1.10", (await edge.CommandAsync("queries", "--url", $"http://127.0.0.1:{edge.Admin}", "--token", (await File.ReadAllTextAsync(edge.DataFile("admin.token"))).Trim())).Output, StringComparison.Ordinal);
        File.Delete(edge.DataFile("filled"));
        await Eventually.TrueAsync(async () =>
        {
            await edge.DigAsync("nas.example.com", "A");
            return edge.Output.Contains("are written to", StringComparison.Ordinal);
        }, () => edge.Output);
        Assert.Single(edge.Output.Split('\n'), line => line.Contains("Queries cannot be written", StringComparison.Ordinal));
        Assert.All(await File.ReadAllLinesAsync(edge.DataFile("queries.log")), line => JsonDocument.Parse(line).Dispose());
        Assert.Equal(0, await edge.StopAsync());
    }

    /// <summary>An order whose certificate cannot be kept would use up the CA's limits, and then for days nothing would go.</summary>
    [Fact]
    public async Task While_it_is_full_no_CA_is_asked_and_edge_certs_says_why()
    {
        Shell.Need("pebble", "pebble");
        await using var edge = await OnSmallDiskAsync(Small);
        using var pebble = new PebbleServer(edge.Folder, new IPEndPoint(IPAddress.Loopback, edge.Dns), validitySeconds: 36000) { RefusedNonces = 0 };
        edge.WriteSettings(text => text + $"\ncertificates:\n  acme:\n    directory: {pebble.Directory}\n    agree-to-terms: true\n    trusted-root: {pebble.RootFile}\n");
        await edge.StartAsync();
        string[] where = ["--url", $"http://127.0.0.1:{edge.Admin}", "--token", (await File.ReadAllTextAsync(edge.DataFile("admin.token"))).Trim()];
        await SaysOfCertificatesAsync(edge, where, "the CA cannot be reached");

        // Full but for a few blocks: a small file would find its place, and an order would not.
        await FillAsync(edge);
        await using (var filled = File.OpenWrite(edge.DataFile("filled")))
        {
            filled.SetLength(filled.Length - (32 << 10));
        }

        await pebble.StartAsync();
        await edge.CommandAsync(["certs", "renew", "nas.example.com", .. where]);
        await SaysOfCertificatesAsync(edge, where, "nothing is ordered that the disk could not keep");
        Assert.Contains("No certificate is ordered for *.nas.example.com: the disk could not keep it", edge.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("There are now", pebble.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(edge.DataFile("certificates"), ".probe*"));

        File.Delete(edge.DataFile("filled"));
        await edge.CommandAsync(["certs", "renew", "nas.example.com", .. where]);
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains("obtained from", StringComparison.Ordinal)), () => $"{edge.Output}\n{pebble.Output}", () => edge.HasEnded, TimeSpan.FromMinutes(1));
        Assert.Contains("There are now 1 orders", pebble.Output, StringComparison.Ordinal);
    }

    private static async Task SaysOfCertificatesAsync(EdgeProcess edge, string[] where, string words)
    {
        var said = "";
        await Eventually.TrueAsync(async () => (said = (await edge.CommandAsync(["certs", .. where])).Output).Contains(words, StringComparison.Ordinal), () => $"{said}\n{edge.Output}");
    }

    // What was there before serves; with space again, what is new does too.
    private static async Task IsServedAsync(EdgeProcess edge)
    {
        Assert.False(edge.HasEnded, edge.Output);
        using var api = edge.Api();
        Assert.Contains("\"before\"", await api.GetStringAsync("/v1/services"), StringComparison.Ordinal);
        Assert.Equal("192.168.1.10", await edge.DigAsync("before.nas.example.com", "A", "+short"));
        await RefusedAsync(await PutAsync(api, "during"));
        File.Delete(edge.DataFile("filled"));
        Assert.Equal(HttpStatusCode.Created, (await PutAsync(api, "during")).StatusCode);
    }

    private static async Task<EdgeProcess> OnSmallDiskAsync(string prepare)
    {
        Shell.Need("unshare", "util-linux");
        Assert.SkipUnless(await AcmeTests.MayMakeNamespacesAsync("-m"), "mount namespaces cannot be made here: needs root");
        var edge = EdgeProcess.InExampleFolder();
        edge.Before = ["unshare", "-m", "sh", "-c", prepare + "exec \"$@\"", "sh"];
        return edge;
    }

    private static async Task FillAsync(EdgeProcess edge)
    {
        await using var file = File.Create(edge.DataFile("filled"));
        try
        {
            while (true)
            {
                await file.WriteAsync(new byte[4096]);
                await file.FlushAsync();
            }
        }
        catch (IOException)
        {
            // Full, as wished.
        }
    }

    private static Task<HttpResponseMessage> PutAsync(HttpClient api, string name) =>
        api.PutAsync($"/v1/services/{name}", new StringContent("""{"to":"http://127.0.0.1:9","ttl":"1h"}""", Encoding.UTF8, new MediaTypeHeaderValue("application/json")));

    private static async Task RefusedAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode is HttpStatusCode.InsufficientStorage or HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}: {text}");
        using var problem = JsonDocument.Parse(text);
        Assert.Contains("disk", problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}

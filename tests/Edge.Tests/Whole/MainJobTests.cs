using System.Diagnostics;
using System.Net;
using Edge.Dns.Tests.Interop;

namespace Edge.Tests.Whole;

/// <summary>Say a service once: its name inside and outside, its certificate and its route come, and go with it.</summary>
public sealed class MainJobTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_command_is_a_service_for_as_long_as_it_lives(bool published)
    {
        Shell.Need("dig", "bind9-dnsutils");
        Shell.Need("python3", "python3");
        Assert.SkipWhen(published && EdgeProcess.PublishedBinary is null, "there is no published binary (EDGE_BINARY): test.sh makes one where a linker is (apt-get install clang zlib1g-dev)");
        await using var edge = EdgeProcess.InExampleFolder(published ? EdgeProcess.PublishedBinary : null);
        await edge.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proof.txt"), "served by the command");
        var port = FreePorts.Next();
        var said = new List<string>();
        using var command = edge.Launch(
            ["register", "--name", "hello", "--to", $"http://127.0.0.1:{port}", "--", "python3", "-m", "http.server", $"{port}", "--bind", "127.0.0.1"],
            line =>
            {
                lock (said)
                {
                    said.Add(line);
                }
            });
        try
        {
            using var browser = edge.Browser();
            await Eventually.TrueAsync(async () => await TextAsync(browser, "https://hello.nas.example.com/proof.txt") == "served by the command", () => string.Join('\n', said) + edge.Output, () => command.HasExited);
            // The name is the service's own now, not the wildcard's: an address, no CNAME.
            Assert.Equal("192.168.1.10", await edge.DigAsync("hello.nas.example.com", "A", "+short"));
            Assert.Equal("203.0.113.10", await edge.DigAsync("-b", "127.0.0.2", "hello.nas.example.com", "A", "+short"));
            Assert.Contains("h2", await edge.DigAsync("hello.nas.example.com", "HTTPS", "+short"), StringComparison.Ordinal);
            var services = await edge.CommandAsync("services");
            Assert.Contains("hello.nas.example.com", services.Output, StringComparison.Ordinal);
        }
        finally
        {
            using var term = Process.Start("kill", ["-TERM", $"{command.Id}"]);
            await command.WaitForExitAsync();
        }

        Assert.Equal("nas.example.com.\n192.168.1.10", await edge.DigAsync("hello.nas.example.com", "A", "+short"));
        using var after = edge.Browser();
        Assert.Equal(HttpStatusCode.NotFound, (await after.GetAsync("https://hello.nas.example.com/proof.txt")).StatusCode);
    }

    [Fact]
    public async Task A_registration_survives_kill_9()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        var put = await PutAsync(edge, "albums", """{"to":"http://127.0.0.1:9","ttl":"1h"}""");
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        await edge.KillAsync();
        await edge.StartAsync();
        Assert.Equal("192.168.1.10", await edge.DigAsync("albums.nas.example.com", "A", "+short"));
        using var browser = edge.Browser();
        Assert.Equal(HttpStatusCode.BadGateway, (await browser.GetAsync("https://albums.nas.example.com/")).StatusCode);
    }

    [Fact]
    public async Task After_its_lease_the_name_and_the_route_are_gone()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        await PutAsync(edge, "brief", """{"to":"http://127.0.0.1:9","ttl":"5s"}""");
        Assert.Equal("192.168.1.10", await edge.DigAsync("brief.nas.example.com", "A", "+short"));
        await Eventually.TrueAsync(async () => await edge.DigAsync("brief.nas.example.com", "A", "+short") == "nas.example.com.\n192.168.1.10", () => edge.Output);
        using var browser = edge.Browser();
        await Eventually.TrueAsync(async () => (await browser.GetAsync("https://brief.nas.example.com/")).StatusCode == HttpStatusCode.NotFound, () => edge.Output);
    }

    private static async Task<HttpResponseMessage> PutAsync(EdgeProcess edge, string name, string body)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{edge.Admin}") };
        var token = (await File.ReadAllTextAsync(Path.Combine(edge.Folder, "data", "admin.token"))).Trim();
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return await http.PutAsync($"/v1/services/{name}", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
    }

    private static async Task<string?> TextAsync(HttpClient browser, string url)
    {
        try
        {
            var answer = await browser.GetAsync(url);
            return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}

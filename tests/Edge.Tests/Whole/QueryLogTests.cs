using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Edge.Tests.Whole;

/// <summary>The query log of the whole program: asked over every transport, shown by the command, written, and switched while it runs.</summary>
public sealed class QueryLogTests
{
    [Fact]
    public async Task Every_transport_is_shown_with_how_it_was_answered()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        var tls = EdgeProcess.FreePort();
        edge.WriteSettings(text => text.Replace("dns:\n", $"dns:\n  tls-listen: [127.0.0.1:{tls}]\n", StringComparison.Ordinal).Replace("[9.9.9.9, 1.1.1.1]", "[127.0.0.1:1]", StringComparison.Ordinal));
        await edge.StartAsync();
        var root = Path.Combine(edge.Folder, "root.pem");
        await File.WriteAllTextAsync(root, (await edge.CommandAsync("ca")).Output);
        string[] trusting = [$"+tls-ca={root}", "+tls-hostname=nas.example.com", "+short", "nas.example.com", "A"];
        await edge.DigAsync("nas.example.com", "A");
        await edge.DigAsync("nas.example.com", "A", "+tcp");
        await Shell.OutputAsync("dig", ["@127.0.0.1", "-p", $"{tls}", "+tls", .. trusting]);
        await Shell.OutputAsync("dig", ["@127.0.0.1", "-p", $"{edge.Https}", "+https", .. trusting]);
        await edge.DigAsync("gone.example.com", "AAAA");
        await edge.DigAsync("localhost", "A");
        await edge.DigAsync("www.example.net", "A", "+tries=1", "+time=5");
        await edge.DigAsync("example.com", "AXFR");
        await edge.DigAsync("-b", "127.0.0.2", "www.example.net", "A");
        await edge.DigAsync("a\\000b\\027[31m.example.com", "TXT");
        var shown = await edge.CommandAsync("queries", "-n", "1000");
        Assert.Equal(0, shown.ExitCode);
        foreach (var line in (string[])
        [
            "127.0.0.1        lan     udp    A      NOERROR   zone      * nas.example.com = 192.168.1.10",
            "127.0.0.1        lan     tcp    A      NOERROR   zone      * nas.example.com = 192.168.1.10",
            "127.0.0.1        lan     tls    A      NOERROR   zone      * nas.example.com = 192.168.1.10",
            "127.0.0.1        lan     https  A      NOERROR   zone      * nas.example.com = 192.168.1.10",
            "127.0.0.1        lan     udp    AAAA   NXDOMAIN  zone      * gone.example.com",
            "127.0.0.1        lan     udp    A      NOERROR   special   * localhost = 127.0.0.1",
            "127.0.0.1        lan     udp    A      SERVFAIL  upstream  * www.example.net",
            "127.0.0.1        lan     tcp    AXFR   REFUSED   exchange  * example.com",
            "127.0.0.2        public  udp    A      REFUSED   refused   * www.example.net",
            "127.0.0.1        lan     udp    TXT    NXDOMAIN  zone      * a\\000b\\027[31m.example.com",
        ])
        {
            var parts = line.Split('*');
            Assert.Single(shown.Output.Split('\n'), text => text.Contains(parts[0].TrimEnd(), StringComparison.Ordinal) && text.TrimEnd().EndsWith(parts[1], StringComparison.Ordinal));
        }

        Assert.DoesNotContain('\u001b', shown.Output);
        var top = await edge.CommandAsync("queries", "--top");
        Assert.Contains("10 queries in the last day, 0.0% of them blocked", top.Output, StringComparison.Ordinal);
        Assert.Matches(@"nas\.example\.com +4\b", top.Output);
        var filtered = await edge.CommandAsync("queries", "--client", "127.0.0.2", "--type", "A", "--name", "example.net", "--since", "10m", "--json");
        using var report = JsonDocument.Parse(filtered.Output);
        Assert.Equal("refused", Assert.Single(report.RootElement.GetProperty("queries").EnumerateArray()).GetProperty("by").GetString());
        var wrong = await edge.CommandAsync("queries", "--client", "nobody", "--type", "B", "--since", "then");
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("since: \"then\" is neither", wrong.Output, StringComparison.Ordinal);
        Assert.Contains("client: \"nobody\" is neither", wrong.Output, StringComparison.Ordinal);
        Assert.Contains("type: \"B\" is not a record type", wrong.Output, StringComparison.Ordinal);
        using var stranger = new HttpClient();
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await stranger.GetAsync($"http://127.0.0.1:{edge.Admin}/v1/queries")).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await stranger.GetAsync($"http://127.0.0.1:{edge.Admin}/v1/statistics")).StatusCode);
    }

    [Fact]
    public async Task Following_shows_what_is_asked_from_now_on_and_a_follower_that_does_not_read_stops_nobody()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        var lines = new StringBuilder();
        using var follower = edge.Launch(["queries", "--follow", "--name", "nas"], line =>
        {
            lock (lines)
            {
                lines.AppendLine(line);
            }
        });

        // Asks for the head and reads nothing.
        using var deaf = new TcpClient("127.0.0.1", edge.Admin);
        var token = (await File.ReadAllTextAsync(edge.DataFile("admin.token"))).Trim();
        await deaf.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET /v1/queries/follow HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {token}\r\n\r\n"));
        using var api = edge.Api();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/queries/follow");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var events = await api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal("text/event-stream", events.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await events.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        await Eventually.TrueAsync(async () =>
        {
            await edge.DigAsync("router.example.com", "A");
            await edge.DigAsync("nas.example.com", "A");
            lock (lines)
            {
                return lines.ToString().Contains("nas.example.com = 192.168.1.10", StringComparison.Ordinal);
            }
        }, () => lines.ToString());
        Assert.DoesNotContain("router.example.com", lines.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("data: {\"query\":{\"time\":", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal("192.168.1.10", await edge.DigAsync("nas.example.com", "A", "+short"));
        }

        // Neither who reads nor who does not holds up the end.
        var told = Stopwatch.GetTimestamp();
        Assert.Equal(0, await edge.StopAsync());
        Assert.InRange(Stopwatch.GetElapsedTime(told), TimeSpan.Zero, TimeSpan.FromSeconds(3));
        await follower.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, follower.ExitCode);
        await Eventually.TrueAsync(() =>
        {
            lock (lines)
            {
                return Task.FromResult(lines.ToString().Contains("Edge has ended the connection", StringComparison.Ordinal));
            }
        }, () => lines.ToString());
        Assert.DoesNotContain("   at ", lines.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_follower_of_an_Edge_that_is_gone_says_so_in_one_line()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        var lines = new StringBuilder();
        using var follower = edge.Launch(["queries", "--follow"], line =>
        {
            lock (lines)
            {
                lines.AppendLine(line);
            }
        });
        await Eventually.TrueAsync(() => Task.FromResult(lines.Length > 0), () => lines.ToString());
        await edge.KillAsync();
        await follower.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, follower.ExitCode);
        await Eventually.TrueAsync(() => Task.FromResult(lines.ToString().Contains("Edge has ended the connection", StringComparison.Ordinal)), () => lines.ToString());
        Assert.DoesNotContain("   at ", lines.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_and_the_switch_are_taken_over_while_it_runs()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        var file = Path.Combine(edge.Folder, "logs", "queries.log");
        edge.WriteSettings(text => text + "\nqueries:\n  file: logs/queries.log\n  clients: network\n");
        await Eventually.TrueAsync(async () =>
        {
            await edge.DigAsync("nas.example.com", "A");
            return File.Exists(file) && (await File.ReadAllTextAsync(file)).Contains("\"client\":\"127.0.0.0/24\"", StringComparison.Ordinal);
        }, () => edge.Output);
        Assert.All(await File.ReadAllLinesAsync(file), line => JsonDocument.Parse(line).Dispose());
        edge.WriteSettings(text => text + "\nqueries:\n  clients: hashed\n");
        await Eventually.TrueAsync(async () => (await edge.CommandAsync("queries", "--client", "127.0.0.1")) is { ExitCode: 1 } hashed && hashed.Output.Contains("clients: hashed", StringComparison.Ordinal), () => edge.Output);
        Assert.Equal(0, (await edge.CommandAsync("queries", "--client", "#1a2b")).ExitCode);
        edge.WriteSettings(text => text + "\nqueries: off\n");
        await Eventually.TrueAsync(async () => (await edge.CommandAsync("queries")) is { ExitCode: 1 } off && off.Output.Contains("queries: off", StringComparison.Ordinal), () => edge.Output);
        edge.WriteSettings(text => text + "\nqueries:\n  age: 2h\n");
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains("queries.age: must lie between 1m and 1h", StringComparison.Ordinal)), () => edge.Output);
        Assert.Equal("192.168.1.10", await edge.DigAsync("nas.example.com", "A", "+short"));
        Assert.Equal(0, await edge.StopAsync());
    }
}

using System.Net;
using System.Text.RegularExpressions;

namespace Edge.Tests.Whole;

/// <summary>What the running program tells of itself: metrics, readiness, its access log, and traces.</summary>
public sealed class ObservabilityTests
{
    [Fact]
    public async Task Metrics_are_what_Prometheus_reads()
    {
        Shell.Need("promtool", "prometheus");
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        await edge.DigAsync("nas.example.com", "A");
        using var visitor = edge.Browser();
        using var unknown = await visitor.GetAsync("https://unknown.nas.example.com/");
        using var http = new HttpClient();
        var text = await http.GetStringAsync($"http://127.0.0.1:{edge.Admin}/metrics");
        var file = Path.Combine(edge.Folder, "metrics.txt");
        await File.WriteAllTextAsync(file, text);
        Assert.Equal("", await Shell.OutputAsync("sh", "-c", $"promtool check metrics < {file}"));
        foreach (var line in (string[])
        [
            "edge_http_requests_total{service=\"\",route=\"\",code=\"4xx\"} 1",
            "edge_dns_queries_total{transport=\"udp\",rcode=\"NOERROR\",source=\"zone\"} 1",
            "edge_certificate_failing{name=\"*.nas.example.com\",issuer=\"internal\"} 0",
            "edge_destination_healthy{cluster=\"service:",
            "edge_zone_serial{zone=\"example.com\",view=\"lan\"} ",
            "edge_tls_handshakes_completed_total 1",
        ])
        {
            Assert.Contains(line, text, StringComparison.Ordinal);
        }

        // Nothing that a stranger chooses becomes a label.
        Assert.DoesNotContain("unknown.nas", text, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1\"", text, StringComparison.Ordinal);
        var documented = Regex.Matches(await File.ReadAllTextAsync(Path.Combine(HouseRules.Repository.Root, "docs", "observability.md")), @"`((?:edge|process|dotnet)_\w+)").Select(match => match.Groups[1].Value).ToHashSet();
        Assert.Equal(documented.Order(), Regex.Matches(text, @"^# TYPE (\w+)", RegexOptions.Multiline).Select(match => match.Groups[1].Value).Order());
    }

    [Fact]
    public async Task Metrics_are_for_this_machine_for_the_token_and_for_admins()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        var alone = EdgeProcess.FreePort();
        edge.WriteSettings(text => text + $"\nmetrics:\n  listen: 127.0.0.1:{alone}\n  token: abcdefghijklmnop\n");
        await edge.StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        async Task<HttpStatusCode> Ask(int port, string path, params (string, string)[] headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}{path}");
            foreach (var (name, value) in headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using var answer = await http.SendAsync(request);
            return answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.OK, await Ask(edge.Admin, "/metrics"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Ask(edge.Admin, "/metrics", ("X-Forwarded-For", "192.0.2.1")));
        Assert.Equal(HttpStatusCode.OK, await Ask(edge.Admin, "/metrics", ("X-Forwarded-For", "192.0.2.1"), ("Authorization", "Bearer abcdefghijklmnop")));
        Assert.Equal(HttpStatusCode.Unauthorized, await Ask(alone, "/metrics"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Ask(alone, "/metrics", ("Authorization", "Bearer abcdefghijklmnoq")));
        Assert.Equal(HttpStatusCode.OK, await Ask(alone, "/metrics", ("Authorization", "Bearer abcdefghijklmnop")));
        Assert.Equal(HttpStatusCode.OK, await Ask(alone, "/healthz"));
        Assert.Equal(HttpStatusCode.OK, await Ask(alone, "/readyz"));
        Assert.Equal(HttpStatusCode.NotFound, await Ask(alone, "/v1/status"));
        Assert.Equal(HttpStatusCode.PermanentRedirect, await Ask(edge.Http, "/metrics"));
    }

    [Fact]
    public async Task Ready_means_that_names_are_answered()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        // The zone of this box comes from a server that is not there.
        edge.WriteSettings(text => text.Replace("domain: example.com", "domain: elsewhere.example", StringComparison.Ordinal)
            .Replace("dns:\n", $"dns:\n  zones:\n    elsewhere.example:\n      primaries: [127.0.0.1:{EdgeProcess.FreePort()}]\n", StringComparison.Ordinal));
        await edge.StartAsync();
        using var http = new HttpClient();
        using var answer = await http.GetAsync($"http://127.0.0.1:{edge.Admin}/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("not ready: no zone is served that holds nas.elsewhere.example\n", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_access_log_is_there_by_default_and_follows_SIGHUP_and_the_settings()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        edge.HasTerminal = false;
        await edge.StartAsync();
        var log = Path.Combine(edge.Folder, "data", "access.log");
        using var visitor = edge.Browser();
        async Task VisitAsync(int lines)
        {
            using var answer = await visitor.GetAsync("https://unknown.nas.example.com/");
            await Eventually.TrueAsync(async () => File.Exists(log) && (await File.ReadAllLinesAsync(log)).Length == lines, () => $"no {lines} lines in {log}:\n{edge.Output}");
        }

        await VisitAsync(1);
        await VisitAsync(2);
        File.Move(log, log + ".old");
        await Shell.OutputAsync("kill", "-HUP", $"{edge.Id}");
        await VisitAsync(1);
        edge.WriteSettings(text => text + "\naccess-log:\n  format: combined\n");
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains("was read anew", StringComparison.Ordinal)), () => edge.Output);
        await VisitAsync(2);
        Assert.Matches(@"^127\.0\.0\.1 - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] ""GET / HTTP/1\.1"" 404 \d+ ""-"" ""-""$", (await File.ReadAllLinesAsync(log))[1]);
        Assert.Equal(0, await edge.StopAsync());
    }

    [Theory]
    [InlineData("all", true)]
    [InlineData("none", false)]
    public async Task A_trace_goes_on_through_Edge_only_where_it_is_traced(string traces, bool traced)
    {
        const string trace = "0af7651916cd43dd8448eb211c80319c";
        const string span = "b7ad6b7169203331";
        await using var collector = await OtlpCollector.StartAsync();
        await using var backend = await Gateway.Backend.EchoingAsync();
        await using var edge = EdgeProcess.InExampleFolder();
        edge.WriteSettings(text => text + $"\nopentelemetry:\n  endpoint: {collector.Uri}\n  headers: {{ X-Scope: house }}\n  traces: {traces}\n  interval: 1s\n");
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "echo.yaml"), $"services:\n  echo:\n    to: {backend.Uri}\n");
        await edge.StartAsync();
        using var visitor = edge.Browser();
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://echo.nas.example.com/x?secret=1");
        request.Headers.TryAddWithoutValidation("traceparent", $"00-{trace}-{span}-01");
        using var answer = await visitor.SendAsync(request);
        var seen = Regex.Match(await answer.Content.ReadAsStringAsync(), "traceparent: 00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])", RegexOptions.IgnoreCase);
        Assert.Equal(trace, seen.Groups[1].Value);
        Assert.Equal(traced, seen.Groups[2].Value != span);
        await Eventually.TrueAsync(() => Task.FromResult(collector.Sent("/v1/metrics").Contains("edge_http_requests", StringComparison.Ordinal)), () => "no metrics came");
        Assert.Equal(0, await edge.StopAsync());
        var sent = collector.Sent("/v1/traces");
        Assert.Equal(traced, sent.Contains("GET service:echo", StringComparison.Ordinal));
        if (traced)
        {
            Assert.StartsWith("house", sent, StringComparison.Ordinal);
            Assert.Contains(string.Concat(Convert.FromHexString(trace).Select(b => (char)b)), sent, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", sent, StringComparison.Ordinal);
        }
    }
}

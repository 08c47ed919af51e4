using System.Net;

namespace Edge.Tests.Whole;

/// <summary>Edge starts whatever the destinations are like, and the one that works is served.</summary>
public sealed class DeadDestinationsTests
{
    [Fact]
    public async Task Every_destination_dead_unresolvable_or_ourselves_and_the_rest_works()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var backend = await Backend.StartAsync("alive");
        await using var edge = EdgeProcess.InExampleFolder();
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "all.yaml"), $$"""
            services:
              dead: { to: "http://127.0.0.1:{{Gateway.Backend.DeadPort()}}", health: /healthz }
              away: { to: "https://192.0.2.1", timeouts: { connect: 300ms } }
              unknown: { to: "http://nowhere.invalid:8080", health: /healthz }
              ours: { to: "https://127.0.0.1:{{edge.Https}}" }
              plain: { to: "http://localhost:{{edge.Http}}" }
              api: { to: "http://127.0.0.1:{{edge.Admin}}" }
              stream: { to: "tcp://127.0.0.1:1", listen: {{EdgeProcess.FreePort()}} }
            """);
        await edge.StartAsync();
        using var browser = edge.Browser();
        foreach (var (service, status) in (IEnumerable<(string, HttpStatusCode)>)
            [
                ("dead", HttpStatusCode.BadGateway), ("unknown", HttpStatusCode.BadGateway), ("away", HttpStatusCode.BadGateway),
                ("ours", HttpStatusCode.LoopDetected), ("plain", HttpStatusCode.LoopDetected), ("api", HttpStatusCode.LoopDetected),
            ])
        {
            var answer = await browser.GetAsync($"https://{service}.nas.example.com/");
            Assert.True(answer.StatusCode is var got && (got == status || (got is HttpStatusCode.GatewayTimeout or HttpStatusCode.ServiceUnavailable && status == HttpStatusCode.BadGateway)), $"{service}: {got}, not {status}");
        }

        // What comes later works as if nothing were amiss.
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "good.yaml"), $"services:\n  good: {{ to: \"{backend.Url}\" }}\n");
        await Eventually.TrueAsync(async () => await browser.GetAsync("https://good.nas.example.com/") is { StatusCode: HttpStatusCode.OK } answer && await answer.Content.ReadAsStringAsync() == "alive", () => edge.Output);
        Assert.Equal("192.168.1.10", await edge.DigAsync("nas.example.com", "A", "+short"));
        using var api = edge.Api();
        Assert.Equal("ready\n", await api.GetStringAsync("/readyz"));
    }
}

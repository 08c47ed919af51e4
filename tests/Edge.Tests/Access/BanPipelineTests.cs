using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using Edge.Access;
using Edge.Services;
using Edge.Tests.Certificates;
using Edge.Tests.Gateway;
using Microsoft.Extensions.Logging;
using Xunit;
using Backend = Edge.Tests.Gateway.Backend;
using Shell = Edge.Tests.Whole.Shell;

namespace Edge.Tests.Access;

/// <summary>Bans at the gateway: what counts, what the banned see, and what fail2ban reads.</summary>
public sealed class BanPipelineTests
{
    private static readonly IPAddress Attacker = IPAddress.Parse("127.0.0.66");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("https://photos.example.com/", "auth")]
    [InlineData("https://nobody.example.com/wp-login.php", "not-found")]
    [InlineData("https://open.example.com/phpmyadmin", "not-found")]
    [InlineData("https://private.example.com/", "denied")]
    [InlineData("https://slow.example.com/", "rate")]
    public async Task Who_fails_again_and_again_is_shut_out_everywhere(string url, string reason)
    {
        await using var backend = await Backend.StartAsync(context =>
        {
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        var bans = Bans(new LogLines());
        await using var gateway = await StartAsync(backend, bans);
        using var attacker = new HttpClient(gateway.Handler(Attacker));
        attacker.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", "YW5uYTp3cm9uZw==");
        for (var i = 0; i < 12 && !bans.Holds(Attacker); i++)
        {
            using var response = await attacker.GetAsync(url, Cancel);
        }

        await Eventually.TrueAsync(() => bans.Holds(Attacker), () => string.Join('\n', gateway.Logged));
        Assert.Equal(reason, Assert.Single(bans.All).Reason);
        using var elsewhere = await attacker.GetAsync("https://open.example.com/", Cancel);
        var page = await elsewhere.Content.ReadAsStringAsync(Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, elsewhere.StatusCode);
        Assert.Contains("Your address is shut out for a while", page);
        Assert.True(elsewhere.Headers.ConnectionClose);
        using var other = await gateway.GetAsync("https://open.example.com/");
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);

        await bans.RemoveAsync(Ban.Parse("127.0.0.66")!.Value, Cancel);
        using var again = await attacker.GetAsync("https://open.example.com/", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Theory]
    [InlineData("https://open.example.com/missing.png", "1.1", "image")]
    [InlineData("https://open.example.com/missing.png", "2.0", "image")]
    [InlineData("https://open.example.com/missing.png", "1.1", "document")]
    [InlineData("https://open.example.com/missing.png", "2.0", "document")]
    [InlineData("https://guarded.example.com/missing.png", "1.1", "image")]
    [InlineData("https://guarded.example.com/missing.png", "1.1", "document")]
    [InlineData("https://nobody.example.com/missing.png", "1.1", "image")]
    [InlineData("https://private.example.com/", "1.1", "image")]
    [InlineData("https://private.example.com/", "1.1", "document")]
    [InlineData("https://slow.example.com/", "1.1", "image")]
    [InlineData("https://nas.example.com/.edge/callback?x=1", "1.1", "image")]
    public async Task No_page_can_have_its_visitor_banned(string url, string version, string destination)
    {
        await using var backend = await Backend.StartAsync(context =>
        {
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        var bans = Bans(new LogLines());
        await using var gateway = await StartAsync(backend, bans);
        using var visitor = new HttpClient(gateway.Handler(Attacker));
        for (var i = 0; i < 30; i++)
        {
            using var picture = new HttpRequestMessage(HttpMethod.Get, url) { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            picture.Headers.Add("Sec-Fetch-Site", "cross-site");
            picture.Headers.Add("Sec-Fetch-Mode", destination == "document" ? "navigate" : "no-cors");
            picture.Headers.Add("Sec-Fetch-Dest", destination);
            using var response = await visitor.SendAsync(picture, Cancel);
            Assert.True((int)response.StatusCode >= 400);
        }

        await Eventually.TrueAsync(() => bans.Waiting == 0, () => $"{bans.Waiting}");
        Assert.Empty(bans.All);

        // Who asks of their own will is.
        for (var i = 0; i < 12 && !url.Contains("callback", StringComparison.Ordinal); i++)
        {
            using var page = new HttpRequestMessage(HttpMethod.Get, url) { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            page.Headers.Add("Sec-Fetch-Site", "none");
            page.Headers.Add("Sec-Fetch-Mode", "navigate");
            page.Headers.Add("Sec-Fetch-Dest", "document");
            using var response = await visitor.SendAsync(page, Cancel);
        }

        await Eventually.TrueAsync(() => bans.Holds(Attacker) || url.Contains("callback", StringComparison.Ordinal), () => string.Join('\n', gateway.Logged));
    }

    [Fact]
    public async Task The_log_is_what_fail2ban_reads_with_the_filter_of_the_documents()
    {
        Shell.Need("fail2ban-regex", "fail2ban");
        await using var backend = await Backend.SayingAsync("in");
        var lines = new LogLines();
        await using var gateway = await StartAsync(backend, Bans(lines));
        using var attacker = new HttpClient(gateway.Handler(Attacker));
        attacker.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", "YW5uYTp3cm9uZw==");
        using var wrong = await attacker.GetAsync("https://photos.example.com/", Cancel);
        using var missing = await attacker.GetAsync("https://x-by-198.51.100.1-at.example.com/", Cancel);
        await Eventually.TrueAsync(() => lines.Lines.Count(line => line.Contains("Offence", StringComparison.Ordinal)) == 2, () => string.Join('\n', lines.Lines));

        using var folder = new TemporaryFolder();
        var (log, filter) = (Path.Combine(folder.Path, "edge.log"), Path.Combine(folder.Path, "edge.conf"));
        var text = lines.Lines.Where(line => line.Contains("5240", StringComparison.Ordinal)).Select(line => line[(line.IndexOf("5240", StringComparison.Ordinal) + 5)..]);
        File.WriteAllLines(log, text.Select(line => $"2026-11-26T21:00:00+00:00 INF {line.TrimEnd()}").Append("2026-11-26T21:00:00+00:00 INF 3 routes"));
        File.WriteAllText(filter, FilterOfTheDocument());
        var report = await Shell.OutputAsync("fail2ban-regex", "--print-all-matched", log, filter);

        Assert.Contains("Lines: 3 lines, 0 ignored, 2 matched, 1 missed", report);
        var ips = await Shell.OutputAsync("fail2ban-regex", "-o", "ip", log, filter);
        Assert.Equal(["127.0.0.66", "127.0.0.66"], ips.Split('\n'));
    }

    private static string FilterOfTheDocument()
    {
        var document = File.ReadAllText(Path.Combine(HouseRules.Repository.Root, "docs", "access.md"));
        var start = document.IndexOf("```ini\n# /etc/fail2ban/filter.d/edge.conf", StringComparison.Ordinal);
        Assert.True(start > 0);
        return document[(start + 7)..document.IndexOf("```", start + 7, StringComparison.Ordinal)];
    }

    private static BanManager Bans(ILogger log) => new(new BanSetup
    {
        Options = new BanOptions
        {
            After = new BanOptions().After.ToImmutableDictionary(pair => pair.Key, _ => 5),
            Never = [],
        },
        IsLan = _ => false,
        Store = null,
        Time = TimeProvider.System,
        Log = log,
    });

    private static async Task<RunningGateway> StartAsync(Backend backend, BanManager bans)
    {
        var oidc = new Edge.Access.Oidc.OidcOptions { Issuer = "https://id.example.com", ClientId = "edge", CallbackHost = "nas.example.com", Domain = "example.com" };
        var gateway = await RunningGateway.StartAsync(_ => false, bans: bans, access: new AccessOptions { Oidc = oidc });
        gateway.Serve(
            RunningGateway.Service("guarded", backend.Uri) with { Access = new ServiceAccess { Allow = [AllowedClients.Parse("127.0.0.0/8")!] } },
            RunningGateway.Service("open", backend.Uri),
            RunningGateway.Service("photos", backend.Uri) with { Access = new ServiceAccess { Auth = AuthKind.Basic } },
            RunningGateway.Service("private", backend.Uri) with { Access = new ServiceAccess { Allow = [AllowedClients.Parse("lan")!] } },
            RunningGateway.Service("slow", backend.Uri) with { Access = new ServiceAccess { Rate = RateRule.Parse("1/h") } });
        return gateway;
    }
}

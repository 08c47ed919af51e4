using System.Diagnostics;
using System.Net;
using Edge.Access;
using Edge.Tests.Whole;
using Xunit;
using LogLines = Edge.Tests.Certificates.LogLines;
using TemporaryFolder = Edge.Tests.Certificates.TemporaryFolder;

namespace Edge.Tests.Access;

/// <summary>Decisions of CrowdSec itself: its local API, and its own command for what is decided there.</summary>
public sealed class CrowdSecTests : IDisposable
{
    private const string Package = "crowdsec";

    private readonly TemporaryFolder _folder = new();
    private readonly LogLines _log = new();
    private readonly int _port = EdgeProcess.FreePort();
    private Process? _api;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Installed, it would be a service of this machine.
    private static string Root => ((string[])[Environment.GetEnvironmentVariable("EDGE_UNPACKED") ?? "", "/"]).FirstOrDefault(static root => File.Exists(Path.Combine(root, "usr/bin", Package))) ?? "";

    [Fact]
    public async Task What_is_decided_there_bans_here_until_it_is_taken_back()
    {
        Assert.SkipUnless(Root.Length > 0, "crowdsec is not installed (./test.sh unpacks its package)");
        await StartApiAsync();
        var key = At("key");
        await File.WriteAllTextAsync(key, "a-key-of-a-test\n", Cancel);
        await CommandAsync("bouncers", "add", "edge", "-k", "a-key-of-a-test");
        await CommandAsync("machines", "add", "here", "--password", "a-password-of-a-test", "-f", At("machine.yaml"), "-u", Url);
        await CommandAsync("decisions", "add", "--ip", "203.0.113.9", "--duration", "10m");
        await CommandAsync("decisions", "add", "--range", "198.51.100.0/24", "--duration", "90s", "--reason", "a whole network");
        await CommandAsync("decisions", "add", "--ip", "2001:db8::5", "--duration", "4h");
        await CommandAsync("decisions", "add", "--ip", "203.0.113.10", "--type", "captcha");

        var bans = Bans(key);
        using var feed = new CrowdSecFeed(bans, TimeProvider.System, _log);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var running = feed.RunAsync(end.Token);
        await HeldAsync(bans, "198.51.100.0/24", "2001:db8::5/128", "203.0.113.9/32");
        Assert.InRange((bans.All.Single(static ban => ban.Network.PrefixLength == 24).Until - DateTimeOffset.UtcNow).TotalSeconds, 20, 90);

        await CommandAsync("decisions", "add", "--ip", "203.0.113.77");
        await CommandAsync("decisions", "delete", "--ip", "203.0.113.9");
        await HeldAsync(bans, "198.51.100.0/24", "2001:db8::5/128", "203.0.113.77/32");

        // The key is taken away there: what is known holds, and why nothing new comes is said.
        await CommandAsync("bouncers", "delete", "edge");
        await Eventually.TrueAsync(() => Task.FromResult(_log.Lines.Any(static line => line.Contains("it answered 403, so the key is not known there", StringComparison.Ordinal))), Told);
        Assert.True(bans.Holds(IPAddress.Parse("198.51.100.200")));
        await end.CancelAsync();
        await running;
    }

    public void Dispose()
    {
        _api?.Kill();
        _api?.WaitForExit();
        _api?.Dispose();
        _folder.Dispose();
    }

    private string Url => $"http://127.0.0.1:{_port}/";

    private string At(string name) => Path.Combine(_folder.Path, name);

    private string Told() => string.Join('\n', _log.Lines);

    private BanManager Bans(string key) => new(new BanSetup
    {
        Options = new BanOptions { CrowdSec = new CrowdSecOptions(new Uri(Url), key, TimeSpan.FromMilliseconds(200)) },
        IsLan = static _ => false,
        Store = null,
        Time = TimeProvider.System,
        Log = _log,
    });

    private Task HeldAsync(BanManager bans, params string[] networks) =>
        Eventually.TrueAsync(() => Task.FromResult(networks.SequenceEqual(bans.All.Select(static ban => ban.Network.ToString()).Order())), () => string.Join(' ', bans.All.Select(static ban => ban.Network)) + '\n' + Told());

    private async Task StartApiAsync()
    {
        await File.WriteAllTextAsync(At("machine.yaml"), "", Cancel);
        Directory.CreateDirectory(At("hub"));
        await File.WriteAllTextAsync(At("config.yaml"), $$"""
            common: { daemonize: false, log_media: stdout }
            config_paths:
              config_dir: {{Path.Combine(Root, "etc/crowdsec")}}/
              data_dir: {{_folder.Path}}/
              simulation_path: {{Path.Combine(Root, "etc/crowdsec/simulation.yaml")}}
              hub_dir: {{At("hub")}}/
              index_path: {{At("hub/.index.json")}}
            db_config: { type: sqlite, db_path: {{At("decisions.db")}}, use_wal: false }
            api:
              client: { credentials_path: {{At("machine.yaml")}} }
              server:
                listen_uri: 127.0.0.1:{{_port}}
                profiles_path: {{Path.Combine(Root, "etc/crowdsec/profiles.yaml")}}
            prometheus: { enabled: false }

            """, Cancel);
        _api = Process.Start(new ProcessStartInfo(Path.Combine(Root, "usr/bin", Package), ["-c", At("config.yaml"), "-no-cs"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (said, failed) = (_api.StandardOutput.ReadToEndAsync(Cancel), _api.StandardError.ReadToEndAsync(Cancel));
        using var client = new HttpClient();
        await Eventually.TrueAsync(() => AnswersAsync(client), () => said.IsCompleted ? said.Result + failed.Result : "it does not answer", () => _api.HasExited);
    }

    private async Task<bool> AnswersAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri(Url + "v1/decisions"), Cancel);
            return answer.StatusCode == HttpStatusCode.Forbidden;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private Task<string> CommandAsync(params string[] arguments) => Shell.OutputAsync(Path.Combine(Root, "usr/bin/cscli"), ["-c", At("config.yaml"), .. arguments]);
}

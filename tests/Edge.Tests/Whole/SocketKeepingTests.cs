using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Edge.Tests.HouseRules;

namespace Edge.Tests.Whole;

/// <summary>
/// Under a service manager that keeps sockets clients wait in them while there is no Edge: when it is restarted, and when
/// it has died. The manager is a small one of the test's own that speaks as systemd does.
/// </summary>
public sealed class SocketKeepingTests
{
    private static readonly string Manager = Path.Combine(Repository.Root, "tests", "Edge.Tests", "Whole", "service_manager.py");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sockets", "TERM", false)]
    [InlineData("epoll", "TERM", true)]
    [InlineData("sockets", "KILL", true)]
    [InlineData("epoll", "KILL", false)]
    public async Task No_connection_is_refused_while_there_is_no_Edge(string transport, string signal, bool socketUnit)
    {
        Shell.Need("python3", "python3");
        await using var backend = await DropBackend.StartAsync("kept");
        await using var edge = EdgeProcess.InExampleFolder(EdgeProcess.PublishedBinary);
        edge.WriteSettings(text => text.Replace("gateway:\n", $"gateway:\n  transport: {transport}\n", StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "kept.yaml"), $"services:\n  kept: {{ to: \"{backend.Uri}\" }}\n", Cancel);
        var state = Path.Combine(edge.Folder, "state");
        edge.Before = ["python3", Manager, state, .. socketUnit ? [$"{edge.Https}"] : Array.Empty<string>(), "--"];
        await edge.StartAsync();
        await SaysAsync(edge, state, "READY=1", 1);

        // Each of them connects anew, and asks as soon as it can.
        using var end = new CancellationTokenSource();
        var asking = Enumerable.Range(0, 3).Select(_ => AskAsync(edge.Https, end.Token)).ToList();
        for (var restart = 0; restart < 2; restart++)
        {
            await Shell.OutputAsync("kill", $"-{signal}", Started(state)[^1]);
            await SaysAsync(edge, state, "READY=1", restart + 2);
        }

        await end.CancelAsync();
        foreach (var asked in await Task.WhenAll(asking))
        {
            // Who was being answered when the process was killed got no answer; who had connected and said nothing for half a
            // second when it was told to end, as it happens on a busy machine, was sent away. At most the one of each restart.
            Assert.True(asked.Refused.Count == 0 && asked.Dropped.Count <= 2, string.Join("\n", asked.Refused.Concat(asked.Dropped)) + edge.Output);
            Assert.True(asked.Answered > 0, edge.Output);
        }

        if (signal == "TERM")
        {
            Assert.Contains("STOPPING=1", await File.ReadAllTextAsync(state, Cancel), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_port_that_is_no_longer_wanted_is_kept_no_longer()
    {
        Shell.Need("python3", "python3");
        await using var edge = EdgeProcess.InExampleFolder(EdgeProcess.PublishedBinary);
        var state = Path.Combine(edge.Folder, "state");
        edge.Before = ["python3", Manager, state, "--"];
        await edge.StartAsync();
        await SaysAsync(edge, state, "READY=1", 1);
        edge.WriteSettings(text => text.Replace($"http: [127.0.0.1:{edge.Http}]", "http: []", StringComparison.Ordinal));
        await Shell.OutputAsync("kill", "-TERM", Started(state)[^1]);
        await SaysAsync(edge, state, "READY=1", 2);
        Assert.Contains($"FDSTOREREMOVE=1 FDNAME=tcp-127.0.0.1-{edge.Http}", await File.ReadAllTextAsync(state, Cancel), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => IsRefusedAsync(edge.Http), () => edge.Output);
    }

    private static async Task<(int Answered, List<string> Refused, List<string> Dropped)> AskAsync(int port, CancellationToken end)
    {
        var (answered, refused, dropped) = (0, new List<string>(), new List<string>());
        while (!end.IsCancellationRequested)
        {
            try
            {
                // A connection that was queued has no answer to its handshake for as long as there is nobody.
                using var client = new HttpClient(GatewayClient.Trusting(port)) { Timeout = TimeSpan.FromSeconds(60) };
                Assert.EndsWith(DropBackend.Ending, await client.GetStringAsync("https://kept.nas.example.com/", CancellationToken.None), StringComparison.Ordinal);
                answered++;
            }
            catch (HttpRequestException wrong)
            {
                (wrong.ToString().Contains("refused", StringComparison.Ordinal) ? refused : dropped).Add(wrong.ToString());
            }
        }

        return (answered, refused, dropped);
    }

    private static async Task<bool> IsRefusedAsync(int port)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, Cancel);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static List<string> Started(string state) => [.. Regex.Matches(File.ReadAllText(state), @"started (\d+)").Select(match => match.Groups[1].Value)];

    private static Task SaysAsync(EdgeProcess edge, string state, string what, int times) => Eventually.TrueAsync(
        async () => File.Exists(state) && Regex.Count(await File.ReadAllTextAsync(state, Cancel), what) >= times, () => $"{(File.Exists(state) ? File.ReadAllText(state) : "")}\n{edge.Output}");
}

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
            // Who was being answered when the process was killed got no answer: at most the one of each restart. Who was told
            // to end answers all of them, and waits for who has just connected.
            Assert.True(asked.Refused.Count == 0 && asked.Dropped.Count <= (signal == "KILL" ? 2 : 0), string.Join("\n", asked.Refused.Concat(asked.Dropped)) + edge.Output);
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

    [Fact]
    public async Task After_a_reload_a_restart_finds_every_address_free()
    {
        Shell.Need("python3", "python3");
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder(EdgeProcess.PublishedBinary);
        var state = Path.Combine(edge.Folder, "state");
        edge.Before = ["python3", Manager, state, "--"];
        await edge.StartAsync();
        try
        {
            await SaysAsync(edge, state, "READY=1", 1);
            var first = Started(state)[^1];
            await Shell.OutputAsync("kill", "-USR2", first);
            await SaysAsync(edge, state, $"ended {first}", 1);
            Assert.Equal("192.168.1.10", await edge.DigAsync("nas.example.com", "+short"));

            // The one that serves says so itself, and the one before says it of it.
            await SaysAsync(edge, state, "READY=1", 3);
            await Shell.OutputAsync("kill", "-TERM", Regex.Match(await File.ReadAllTextAsync(state, Cancel), @"MAINPID=(\d+)").Groups[1].Value);
            await SaysAsync(edge, state, "READY=1", 4);
            Assert.Equal("192.168.1.10", await edge.DigAsync("nas.example.com", "+short"));
            Assert.Equal(2, Started(state).Count);
        }
        finally
        {
            await edge.StopAsync();
        }
    }

    [Fact]
    public async Task A_port_of_a_service_is_kept_for_as_long_as_there_is_the_service()
    {
        Shell.Need("python3", "python3");
        await using var backend = await DropBackend.StartAsync("stream");
        await using var edge = EdgeProcess.InExampleFolder(EdgeProcess.PublishedBinary);
        var state = Path.Combine(edge.Folder, "state");
        edge.Before = ["python3", Manager, state, "--"];
        await edge.StartAsync();
        await SaysAsync(edge, state, "READY=1", 1);

        var (port, file) = (EdgeProcess.FreePort(), Path.Combine(edge.Folder, "proxy-routes", "kept.yaml"));
        for (var time = 1; time <= 2; time++)
        {
            await File.WriteAllTextAsync(file, $"services:\n  kept: {{ to: \"tcp://{new Uri(backend.Uri).Authority}\", listen: {port} }}\n", Cancel);
            await SaysAsync(edge, state, $"FDSTORE=1 FDPOLL=0 FDNAME=tcp-127.0.0.1-{port}", time);

            // Nobody is behind a socket that only the manager has.
            var removed = Regex.Count(await File.ReadAllTextAsync(state, Cancel), $"FDSTOREREMOVE=1 FDNAME=tcp-127.0.0.1-{port}");
            File.Delete(file);
            await SaysAsync(edge, state, $"FDSTOREREMOVE=1 FDNAME=tcp-127.0.0.1-{port}", removed + 1);
            await Eventually.TrueAsync(() => IsRefusedAsync(port), () => edge.Output);
        }

        // And a restart keeps one that was opened after the start.
        await File.WriteAllTextAsync(file, $"services:\n  kept: {{ to: \"tcp://{new Uri(backend.Uri).Authority}\", listen: {port} }}\n", Cancel);
        await SaysAsync(edge, state, $"FDSTORE=1 FDPOLL=0 FDNAME=tcp-127.0.0.1-{port}", 3);
        await Shell.OutputAsync("kill", "-KILL", Started(state)[^1]);
        await SaysAsync(edge, state, "started", 2);
        using var client = new HttpClient();
        Assert.EndsWith(DropBackend.Ending, await client.GetStringAsync($"http://127.0.0.1:{port}/", Cancel), StringComparison.Ordinal);
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

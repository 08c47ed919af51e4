using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Edge.Tests.Certificates.Acme;

namespace Edge.Tests.Whole;

/// <summary>Under load of every kind everything is changed, and the process itself: no request fails and no connection is refused.</summary>
public sealed class NeverDroppedTests
{
    private const string Host = "changing.nas.example.com";

    // A test that stands still for seconds, as on a busy machine, is a client at rest. There are two of them, and two handovers.
    private const int MostCrossed = 2;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sockets")]
    [InlineData("epoll")]
    public async Task Routes_certificates_settings_and_processes_change_and_no_client_notices(string transport)
    {
        await using var first = await DropBackend.StartAsync("first");
        await using var second = await DropBackend.StartAsync("second");
        await using var edge = EdgeProcess.InExampleFolder(EdgeProcess.PublishedBinary);
        using var pebble = new PebbleServer(edge.Folder, new IPEndPoint(IPAddress.Loopback, edge.Dns), validitySeconds: 3600);
        await pebble.StartAsync();
        var settings = Settings(transport, pebble);
        edge.WriteSettings(settings);
        Write(edge, "many.yaml", $"services:\n{string.Concat(Enumerable.Range(0, 9_999).Select(number => $"  s{number}: {{ to: \"{first.Uri}\" }}\n"))}");
        Write(edge, "changing.yaml", $"services:\n  changing: {{ to: \"{first.Uri}\" }}\n");
        await edge.StartAsync();
        await using var questions = UdpQuestions.Start(edge.Dns, Host);
        await using var load = ConstantLoad.Start(edge.Https, Host);
        await GoesOnAsync(edge, load, questions);

        // 1. One route of 10,000, again and again.
        foreach (var (name, backend) in (IEnumerable<(string, Gateway.Backend)>)[("second", second), ("first", first), ("second", second)])
        {
            Write(edge, "changing.yaml", $"services:\n  changing: {{ to: \"{backend.Uri}\" }}\n");
            await UntilAsync(edge, load, () => load.LastBody == name + DropBackend.Ending);
        }

        // 2. The certificate.
        await Eventually.TrueAsync(async () => (await ShownAsync(edge)).Contains("Pebble", StringComparison.Ordinal), () => edge.Output);
        var shown = await ShownAsync(edge);
        Assert.Equal(0, (await edge.CommandAsync("certs", "renew", "*.nas.example.com")).ExitCode);
        await Eventually.TrueAsync(async () => await ShownAsync(edge) != shown, () => edge.Output);

        // 3. Everything that is read.
        edge.WriteSettings(text => settings(text).Replace("addresses: [203.0.113.10]", "addresses: [203.0.113.11]", StringComparison.Ordinal));
        var zone = Path.Combine(edge.Folder, "zones", "example.com.zone");
        await File.AppendAllTextAsync(zone, "fresh A 192.0.2.77\n", Cancel);
        Write(edge, "many.yaml", $"services:\n{string.Concat(Enumerable.Range(0, 9_999).Select(number => $"  s{number}: {{ to: \"{second.Uri}\" }}\n"))}");
        await UntilAsync(edge, load, () => edge.Output.Contains("edge.yaml was read anew", StringComparison.Ordinal));

        // Connections end with processes only.
        Assert.Empty(load.Crossed);

        // 4. The process, twice, the second time while the first one still has its requests.
        var before = await edge.HandOverAsync();
        await GoesOnAsync(edge, load, questions);
        var between = await edge.HandOverAsync();
        await GoesOnAsync(edge, load, questions);
        Assert.False(before.HasExited, edge.Output);

        await load.EndAsync();
        await questions.EndAsync();
        Assert.True(load.Crossed.Count <= MostCrossed, string.Join("\n", load.Crossed) + "\n" + edge.Output);
        Assert.True(load.Failed.Count + questions.Lost.Count == 0, string.Join("\n", load.Failed.Take(3).Concat(questions.Lost.Take(3))) + "\n" + edge.Output);
        await Eventually.TrueAsync(() => Task.FromResult(before.HasExited && between.HasExited), () => "a process stays though its requests have ended\n" + edge.Output);
    }

    private static Func<string, string> Settings(string transport, PebbleServer pebble) => text =>
        text.Replace("gateway:\n", $"gateway:\n  transport: {transport}\n", StringComparison.Ordinal)
        + $"\ncertificates:\n  acme:\n    directory: {pebble.Directory}\n    agree-to-terms: true\n    trusted-root: {Path.GetFileName(pebble.RootFile)}\n";

    private static void Write(EdgeProcess edge, string file, string text) => File.WriteAllText(Path.Combine(edge.Folder, "proxy-routes", file), text);

    // Every kind of client has done something more.
    private static async Task GoesOnAsync(EdgeProcess edge, ConstantLoad load, UdpQuestions questions)
    {
        string[] all = ["http/1.1", "http/2", "websocket", "download"];
        var before = all.Select(load.Done).ToList();
        var answered = questions.Answered;
        await Eventually.TrueAsync(
            () => Task.FromResult(all.Zip(before).All(pair => load.Done(pair.First) > pair.Second + 3)),
            () => $"{string.Join(", ", all.Zip(before).Select(pair => $"{pair.First}: {load.Done(pair.First) - pair.Second} more"))}\n{string.Join("\n", load.Failed.Take(3))}\n{edge.Output}",
            () => load.Failed.Count > 0,
            TimeSpan.FromSeconds(60));
        await Eventually.TrueAsync(
            () => Task.FromResult(questions.Answered > answered + 100), () => $"{questions.Answered - answered} answers over UDP\n{string.Join("\n", questions.Lost.Take(3))}\n{edge.Output}", () => questions.Lost.Count > 0, TimeSpan.FromSeconds(60));
    }

    private static Task UntilAsync(EdgeProcess edge, ConstantLoad load, Func<bool> holds) => Eventually.TrueAsync(
        () => Task.FromResult(holds()), () => string.Join("\n", load.Failed.Take(3)) + "\n" + edge.Output, () => load.Failed.Count > 0, TimeSpan.FromSeconds(60));

    private static async Task<string> ShownAsync(EdgeProcess edge)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, edge.Https, Cancel);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = Host }, Cancel);
        return $"{tls.RemoteCertificate!.Issuer} {tls.RemoteCertificate.GetSerialNumberString()}";
    }
}

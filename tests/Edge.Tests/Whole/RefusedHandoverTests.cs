using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Edge.Tests.Whole;

/// <summary>
/// No process takes over that would serve less than the one before: what is gone or wrong in the folders is told, and
/// the one that serves goes on. When it is mended, the next SIGUSR2 has its way.
/// </summary>
public sealed class RefusedHandoverTests
{
    private const string Refused = "No other process is started";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Slips => new()
    {
        // What becomes of the folder (sh, in it), what is told of it, and how it is mended.
        { "mv zones away", "  zones: the folder is gone", "mv away zones" },
        { "mv proxy-routes away", "  proxy-routes: the folder is gone", "mv away proxy-routes" },
        { "chmod 0 zones", "  zones: cannot list the folder", "chmod 700 zones" },
        { "chmod 0 zones/lan", "  zones: cannot list the folder", "chmod 700 zones/lan" },
        { "chmod 0 proxy-routes", "  proxy-routes: cannot be read", "chmod 700 proxy-routes" },
        { "chmod 0 proxy-routes/photos.yaml", "  proxy-routes/photos.yaml: cannot be read", "chmod 600 proxy-routes/photos.yaml" },
        { "chmod 0 zones/example.com.zone", "  zones/example.com.zone: cannot read the file", "chmod 600 zones/example.com.zone" },
        { "echo 'x A 1.2.3' >> zones/lan/example.com.zone", "  zones/lan/example.com.zone:", "sed -i '$d' zones/lan/example.com.zone" },
        { "echo '    too: x' >> proxy-routes/photos.yaml", "  proxy-routes/photos.yaml:", "sed -i '$d' proxy-routes/photos.yaml" },
        { "sed -i s/ClusterId/ClusterIt/ proxy-routes/own.json", "  proxy-routes/own.json:", "sed -i s/ClusterIt/ClusterId/ proxy-routes/own.json" },
        { "sed -i 's/^data:.*/data: elsewhere/' edge.yaml", "  data: elsewhere is another folder than that of the running process", "sed -i 's/^data:.*/data: data/' edge.yaml" },
        { "sed -i 's/^  https: .*/&\\n  https-port: many/' edge.yaml", "  edge.yaml:", "sed -i /https-port/d edge.yaml" },
        { "sed -i 's/^  https: .*/  https: [127.0.0.1:{taken}]/' edge.yaml", "  127.0.0.1:{taken} (gateway.https)", "sed -i 's/127.0.0.1:{taken}/127.0.0.1:{https}/' edge.yaml" },
        { "sed -i 's/^zones:.*/zones: elsewhere/' edge.yaml", "  elsewhere: the folder is gone", "sed -i 's/^zones:.*/zones: zones/' edge.yaml" },
    };

    [Theory]
    [MemberData(nameof(Slips), DisableDiscoveryEnumeration = true)]
    public async Task What_would_be_lost_is_told_and_the_process_goes_on(string slip, string told, string mend)
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        string Ports(string text) => text.Replace("{taken}", $"{((IPEndPoint)taken.LocalEndpoint).Port}", StringComparison.Ordinal).Replace("{https}", $"{edge.Https}", StringComparison.Ordinal);
        await File.WriteAllTextAsync(
            Path.Combine(edge.Folder, "proxy-routes", "own.json"),
            """{ "Routes": { "own": { "ClusterId": "own", "Match": { "Hosts": ["own.example.com"] } } }, "Clusters": { "own": { "Destinations": { "a": { "Address": "http://127.0.0.1:9/" } } } } }""",
            Cancel);
        await AsNobodyAsync(edge);
        await edge.StartAsync();
        await ShAsync(edge, Ports(slip));
        await SignalAsync(edge);
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains(Refused, StringComparison.Ordinal)), () => edge.Output);
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output[edge.Output.IndexOf(Refused, StringComparison.Ordinal)..].Contains(Ports(told), StringComparison.Ordinal)), () => edge.Output);
        Assert.False(edge.HasEnded);
        Assert.Equal("192.168.1.10", await edge.DigAsync("nas.example.com", "A", "+short"));
        using (var api = edge.Api())
        {
            Assert.Contains("photos", await api.GetStringAsync("/v1/services?all=true", Cancel), StringComparison.Ordinal);
        }

        await ShAsync(edge, Ports(mend));
        await edge.HandOverAsync();
        await Eventually.TrueAsync(async () => await edge.DigAsync("nas.example.com", "A", "+short") == "192.168.1.10", () => edge.Output);
    }

    [Fact]
    public async Task What_was_never_served_is_not_lost()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        Directory.Delete(Path.Combine(edge.Folder, "zones"), recursive: true);
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "bad.yaml"), "services:\n  bad: { to: no-url }\n", Cancel);
        await edge.StartAsync();
        await edge.HandOverAsync();
        Assert.DoesNotContain(Refused, edge.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zones", "zones: zones", "edge.yaml:8: zones: there is no folder zones, so nothing of it is served")]
    [InlineData("proxy-routes", "routes: proxy-routes", "edge.yaml:9: routes: there is no folder proxy-routes, so nothing of it is served")]
    public async Task A_start_goes_on_without_a_folder_and_tells_of_one_that_is_named(string folder, string setting, string told)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        Directory.Move(Path.Combine(edge.Folder, folder), Path.Combine(edge.Folder, "away"));
        await edge.StartAsync();
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains($"WRN {told}", StringComparison.Ordinal)), () => edge.Output);
        var check = await edge.CommandAsync("check");
        Assert.Equal(1, check.ExitCode);
        Assert.Contains(told, check.Output, StringComparison.Ordinal);

        // It is served as soon as it is there.
        Directory.Move(Path.Combine(edge.Folder, "away"), Path.Combine(edge.Folder, folder));
        using var api = edge.Api();
        await Eventually.TrueAsync(
            async () => (await api.GetStringAsync("/v1/services?all=true", Cancel)).Contains("photos", StringComparison.Ordinal) && (await edge.CommandAsync("zones")).Output.Contains("example.com", StringComparison.Ordinal), () => edge.Output);

        // A default that nobody has made is nothing to tell of.
        edge.WriteSettings(text => string.Join('\n', text.Split('\n').Where(line => !line.StartsWith(setting, StringComparison.Ordinal))));
        Directory.Delete(Path.Combine(edge.Folder, folder), recursive: true);
        Assert.Equal(0, (await edge.CommandAsync("check")).ExitCode);
    }

    // Rights of folders hold for everybody but root.
    private static async Task AsNobodyAsync(EdgeProcess edge)
    {
        if (Environment.UserName == "root")
        {
            Shell.Need("setpriv", "util-linux");
            edge.Before = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];
            edge.Environment["HOME"] = edge.Folder;
            await ShAsync(edge, "chown -R 65534:65534 .");
        }
    }

    private static async Task ShAsync(EdgeProcess edge, string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { WorkingDirectory = edge.Folder })!;
        await shell.WaitForExitAsync(Cancel);
        Assert.Equal(0, shell.ExitCode);
    }

    private static async Task SignalAsync(EdgeProcess edge)
    {
        using var kill = Process.Start("kill", ["-USR2", $"{edge.Id}"]);
        await kill.WaitForExitAsync(Cancel);
    }
}

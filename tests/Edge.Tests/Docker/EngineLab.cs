using System.Diagnostics;
using Edge.Tests.House;
using Edge.Tests.Whole;

namespace Edge.Tests.Docker;

/// <summary>
/// A real engine and Edge, both in a network namespace of their own: bridges, NAT rules and ports touch nothing of the
/// machine. Programs run in it by nsenter(1), because "ip netns exec" hides the control groups from container runtimes.
/// </summary>
public abstract class EngineLab : IAsyncLifetime
{
    private Process? _engine;

    /// <summary>Null when engine and Edge run; else why they cannot on this machine.</summary>
    internal string? Missing { get; private set; }

    internal EdgeProcess Edge { get; } = EdgeProcess.InExampleFolder();

    internal string Folder { get; } = Directory.CreateTempSubdirectory("edge-engine-").FullName;

    internal string Socket => Path.Combine(Folder, "engine.sock");

    /// <summary>The words before a command that make it run beside the engine.</summary>
    internal string[] Inside => ["nsenter", $"--net=/run/netns/{Host.Name}"];

    private protected LabHost Host { get; } = new("engine");

    private protected abstract (string Program, string Package)[] Programs { get; }

    /// <summary>The command line of the engine.</summary>
    private protected abstract string[] Serve { get; }

    /// <summary>The words before a command of the engine's client.</summary>
    private protected abstract string[] Client { get; }

    public async ValueTask InitializeAsync()
    {
        Missing = await WhyNotAsync();
        if (Missing is not null)
        {
            return;
        }

        if (await Host.CreateAsync() is { Length: > 0 } said)
        {
            Missing = $"no network namespace can be made here: {said}";
            return;
        }

        await StartEngineAsync();
        await EngineAsync(await ContainerImage.PackAsync(Folder));
        Edge.Before = Inside;
        Edge.WriteSettings(text => text + $"\ndocker:\n  socket: {Socket}\n  ports: [2222]\n");
        await StartEdgeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        // A container whose network another uses goes after it only.
        for (var tries = 0; tries < 5 && Missing is null && await IdsAsync() is { Length: > 0 } left; tries++)
        {
            await EngineAsync(["rm", "-f", .. left]);
        }

        await Edge.DisposeAsync();
        await EndEngineAsync("TERM");
        await Host.RemoveAsync();
        foreach (var mount in (await File.ReadAllLinesAsync("/proc/mounts")).Select(line => line.Split(' ')[1]).Where(path => path.StartsWith(Folder, StringComparison.Ordinal)).Reverse())
        {
            await Shell.OutputAsync("umount", mount);
        }

        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Runs a command of the engine's client to its end: "run", "-d", …</summary>
    internal Task<string> EngineAsync(params string[] words) => Shell.OutputAsync(Client[0], [.. Client[1..], .. words]);

    /// <summary>Runs a program on the machine that engine and Edge run on.</summary>
    internal Task<string> MachineAsync(params string[] words) => Shell.OutputAsync(Inside[0], [.. Inside[1..], .. words]);

    /// <summary>Starts a container of the test's image, a web server at 8080 that says hello; what the engine complained about, or its number.</summary>
    internal Task<string> RunAsync(string name, params string[] options) => RunAsync(name, options, []);

    /// <summary>The same with a command of its own.</summary>
    internal Task<string> RunAsync(string name, string[] options, string[] command) => EngineAsync(["run", "-d", "--name", name, "--stop-timeout", "0", .. options, ContainerImage.Name, .. command]);

    /// <summary>Status and body of a page behind the gateway.</summary>
    internal Task<string> PageAsync(string host) => MachineAsync(
        "curl", "-s", "-m", "5", "-H", "Accept: text/plain", "-w", "\n%{http_code}", "--cacert", Path.Combine(Edge.Folder, "data", "ca", "root.crt"), "--resolve", $"{host}:{Edge.Https}:127.0.0.1", $"https://{host}:{Edge.Https}/");

    /// <summary>What Edge answers for a name to the LAN.</summary>
    internal Task<string> AddressAsync(string host) => MachineAsync("dig", "@127.0.0.1", "-p", $"{Edge.Dns}", "+short", "+tries=2", "+time=2", host, "A");

    internal async Task StartEdgeAsync()
    {
        Edge.StartOnly();
        await Eventually.TrueAsync(
            async () => await MachineAsync("curl", "-s", "-m", "2", $"http://127.0.0.1:{Edge.Admin}/healthz") == "ok",
            () => $"Edge does not become healthy:\n{Edge.Output}", () => Edge.HasEnded);
    }

    internal async Task StartEngineAsync()
    {
        _engine = LabHost.StartProgram(Path.Combine(Folder, "engine.log"), [.. Inside, .. Serve]);
        await Eventually.TrueAsync(
            async () => await Shell.OutputAsync("curl", "-s", "-m", "2", "--unix-socket", Socket, "http://engine/_ping") == "OK",
            () => $"the engine does not answer:\n{File.ReadAllText(Path.Combine(Folder, "engine.log"))}", () => _engine.HasExited);
    }

    /// <summary>Ends the engine and waits for it.</summary>
    internal async Task EndEngineAsync(string signal)
    {
        if (_engine is null)
        {
            return;
        }

        await Shell.OutputAsync("kill", $"-{signal}", $"{_engine.Id}");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await _engine.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _engine.Kill();
            await _engine.WaitForExitAsync();
        }

        _engine.Dispose();
        _engine = null;
    }

    private async Task<string[]> IdsAsync() => (await EngineAsync("ps", "-aq")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private async Task<string?> WhyNotAsync()
    {
        (string Program, string Package)[] all = [("ip", "iproute2"), ("nsenter", "util-linux"), ("busybox", "busybox-static"), ("curl", "curl"), ("dig", "bind9-dnsutils"), ("tar", "tar"), .. Programs];
        if (all.Where(one => !Shell.Has(one.Program)).Select(one => one.Package).Distinct().ToList() is { Count: > 0 } missing)
        {
            return $"programs are not installed (apt-get install {string.Join(' ', missing)})";
        }

        return Environment.UserName != "root" ? "engines of containers and network namespaces need root"
            : await Shell.OutputAsync("busybox", "httpd", "--help") is var help && !help.Contains("Usage", StringComparison.Ordinal) ? "this busybox has no httpd (apt-get install busybox-static)"
            : null;
    }
}

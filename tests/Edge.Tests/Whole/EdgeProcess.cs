using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Edge.Dns.Tests.Interop;
using Edge.Tests.HouseRules;

namespace Edge.Tests.Whole;

/// <summary>
/// Edge as a user starts it: a process of its own, in a folder of its own, on free ports of the loopback. The folder
/// holds a copy of the repository's edge.yaml, zones and routes.
/// </summary>
internal sealed class EdgeProcess : IAsyncDisposable
{
    private readonly StringBuilder _output = new();
    private readonly List<Process> _before = [];
    private Process? _process;

    private EdgeProcess(string folder)
    {
        Folder = folder;
        Dns = FreePort();
        Http = FreePort();
        Https = FreePort();
        Admin = FreePort();
    }

    public string Folder { get; }

    public int Dns { get; }

    public int Http { get; }

    public int Https { get; }

    public int Admin { get; }

    /// <summary>Everything the process printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>The published native binary where the test run made one (EDGE_BINARY), for the tests that want it.</summary>
    public static string? PublishedBinary => System.Environment.GetEnvironmentVariable("EDGE_BINARY") is { Length: > 0 } path && File.Exists(path) ? path : null;

    /// <summary>The program to start: null means the build beside the tests.</summary>
    public string? Binary { get; init; }

    /// <summary>Variables of the environment that the processes get besides our own.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>The first words of the command line, such as a program that makes a namespace and then becomes Edge.</summary>
    public string[] Before { get; set; } = [];

    /// <summary>False for a start as a service, which has nobody to type.</summary>
    public bool HasTerminal { get; set; } = true;

    public int Id => _process!.Id;

    public bool HasEnded => _process!.HasExited;

    /// <summary>A file of the data folder as the running process sees it, which may have mounts of its own.</summary>
    public string DataFile(string name) => $"/proc/{Id}/root{Folder}/data/{name}";

    /// <summary>A folder with the repository's example, its ports replaced by free ones.</summary>
    public static EdgeProcess InExampleFolder(string? binary = null)
    {
        var folder = Directory.CreateTempSubdirectory("edge-whole-").FullName;
        var edge = new EdgeProcess(folder) { Binary = binary };
        foreach (var part in (string[])["zones", "proxy-routes"])
        {
            CopyFolder(Path.Combine(Repository.Root, part), Path.Combine(folder, part));
        }

        edge.WriteSettings(text => text);
        return edge;
    }

    /// <summary>Writes edge.yaml anew: the repository's, with this process's ports, changed by <paramref name="change"/>.</summary>
    public void WriteSettings(Func<string, string> change)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "edge.yaml"))
            .Replace(":5300", $":{Dns}", StringComparison.Ordinal)
            .Replace(":8080", $":{Http}", StringComparison.Ordinal)
            .Replace(":8443", $":{Https}", StringComparison.Ordinal)
            .Replace(":8480", $":{Admin}", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(Folder, "edge.yaml"), change(text));
    }

    /// <summary>Starts Edge and waits until it says that it is healthy.</summary>
    public async Task StartAsync()
    {
        StartOnly();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Admin}") };
        await Eventually.TrueAsync(async () => await IsHealthyAsync(http), () => $"Edge did not become healthy:\n{Output}", onFailureAlso: () => _process!.HasExited);
    }

    /// <summary>Begins <see cref="Output"/> anew.</summary>
    public void Forget()
    {
        lock (_output)
        {
            _output.Clear();
        }
    }

    /// <summary>Starts Edge without waiting; for starts that should fail.</summary>
    public void StartOnly(params string[] arguments) => _process = Launch(arguments.Length == 0 ? ["run"] : arguments, AppendOutput);

    /// <summary>Runs a command of Edge to its end.</summary>
    public async Task<CommandResult> CommandAsync(params string[] arguments)
    {
        var output = new StringBuilder();
        using var process = Launch(arguments, line =>
        {
            lock (output)
            {
                output.AppendLine(line);
            }
        });
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(deadline.Token);
        process.WaitForExit();
        return new CommandResult(process.ExitCode, output.ToString());
    }

    /// <summary>Starts a command of Edge that goes on by itself.</summary>
    public Process Launch(IEnumerable<string> arguments, Action<string> line)
    {
        var start = new ProcessStartInfo
        {
            FileName = Before.Length > 0 ? Before[0] : Binary ?? "dotnet",
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = !HasTerminal,
            UseShellExecute = false,
        };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        foreach (var word in Before.Length > 0 ? [.. Before[1..], Binary ?? "dotnet"] : Array.Empty<string>())
        {
            start.ArgumentList.Add(word);
        }

        if (Binary is null)
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "edge.dll"));
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) => Take(e.Data, line);
        process.ErrorDataReceived += (_, e) => Take(e.Data, line);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Waits for the process to end and returns its exit code.</summary>
    public async Task<int> ExitCodeAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _process!.WaitForExitAsync(deadline.Token);
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>The end that leaves no time for anything: SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks the process to end (SIGTERM, or Ctrl-C as INT) and waits for it.</summary>
    public async Task<int> StopAsync(string signal = "TERM")
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{Id}"]);
        await kill.WaitForExitAsync();
        return await ExitCodeAsync();
    }

    /// <summary>Has another process take over, and goes on with that one; the one before ends when its requests have.</summary>
    /// <returns>The one before.</returns>
    public async Task<Process> HandOverAsync()
    {
        var before = _process!;
        var already = Successors().Count;
        using (var kill = Process.Start("kill", ["-USR2", $"{before.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        // The one before may have ended, and its last words not have been read here yet: its end says nothing.
        await Eventually.TrueAsync(() => Task.FromResult(Successors().Count > already), () => $"no other process has taken over:\n{Output}", patience: TimeSpan.FromSeconds(60));
        _before.Add(before);
        _process = Process.GetProcessById(Successors()[^1]);
        return before;
    }

    /// <summary>A client of the admin API with the token of the data folder.</summary>
    public HttpClient Api(string? token = null)
    {
        var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Admin}") };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token ?? File.ReadAllText(DataFile("admin.token")).Trim());
        return http;
    }

    /// <summary>dig's answer in short form, one line a record.</summary>
    public Task<string> DigAsync(params string[] arguments) => Shell.OutputAsync("dig", ["@127.0.0.1", "-p", $"{Dns}", "+time=2", "+tries=2", .. arguments]);

    /// <summary>A client that trusts only Edge's own CA and finds every host at this gateway.</summary>
    public HttpClient Browser(bool followRedirects = false) => GatewayClient.Create(Path.Combine(Folder, "data", "ca", "root.crt"), Https, followRedirects);

    public async ValueTask DisposeAsync()
    {
        // All of them write to the first one's pipe, which ends with the last.
        var processes = _before.Append(_process).OfType<Process>().ToList();
        processes.AddRange(Successors().Concat(Serving()).Distinct().Where(id => processes.TrueForAll(process => process.Id != id)).Select(Running).OfType<Process>());
        processes.Where(process => !process.HasExited).ToList().ForEach(process => process.Kill());
        foreach (var process in processes)
        {
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(Folder, recursive: true);
    }

    public static int FreePort() => FreePorts.Next();

    // One that took over though nobody asked for it here.
    // Who serves the folder, whether its words have been read here or not. In a container it would have another number there.
    private IEnumerable<int> Serving()
    {
        var file = Path.Combine(Folder, "data", "edge.pid");
        return File.Exists(file) && int.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out var id) && new FileInfo($"/proc/{id}/cwd").LinkTarget == Folder ? [id] : [];
    }

    private static Process? Running(int id)
    {
        try
        {
            return Process.GetProcessById(id);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static async Task<bool> IsHealthyAsync(HttpClient http)
    {
        try
        {
            return (await http.GetAsync("/healthz")).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static void Take(string? data, Action<string> line)
    {
        if (data is not null)
        {
            line(data);
        }
    }

    // As each predecessor has said.
    private List<int> Successors() => [.. Regex.Matches(Output, @"Process (\d+) serves now").Select(match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture))];

    private void AppendOutput(string line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}

using System.Diagnostics;

namespace Edge.Tests.Whole;

/// <summary>A DHCP server and a client in two network namespaces with a cable between them; removed with the test.</summary>
internal sealed class DhcpLab : IAsyncDisposable
{
    private static int _count;
    private readonly string _server;
    private readonly string _client;
    private readonly List<Process> _running = [];
    private readonly string _script;
    private readonly string _received;

    private DhcpLab(string folder)
    {
        var number = Interlocked.Increment(ref _count);
        _server = $"edgedhcps{Environment.ProcessId}n{number}";
        _client = $"edgedhcpc{Environment.ProcessId}n{number}";
        _received = Path.Combine(folder, "received-options");
        // The address is needed to give it back: that is said to the server alone.
        _script = Path.Combine(folder, "udhcpc.sh");
        File.WriteAllText(_script, $$"""
            #!/bin/sh
            if [ "$1" = bound ]; then
              ip addr add "$ip/24" dev "$interface"
              env | grep ^opt >> {{_received}}
            fi
            exit 0

            """);
        File.SetUnixFileMode(_script, (UnixFileMode)0b111_101_101);
    }

    /// <summary>Makes the lab, or skips the test where it cannot be.</summary>
    public static async Task<DhcpLab> CreateOrSkipAsync(string folder)
    {
        Shell.Need("ip", "iproute2");
        Shell.Need("busybox", "busybox-static");
        var lab = new DhcpLab(folder);
        await Shell.OutputAsync("ip", "netns", "add", lab._server);
        if (await Shell.OutputAsync("ip", "netns", "exec", lab._server, "echo", "yes") != "yes")
        {
            Assert.Skip("network namespaces need root and a kernel that allows them");
        }

        await Shell.OutputAsync("ip", "netns", "add", lab._client);
        await Shell.OutputAsync("ip", "-n", lab._server, "link", "add", "lan0", "type", "veth", "peer", "name", "eth0", "netns", lab._client);
        await Shell.OutputAsync("ip", "-n", lab._server, "addr", "add", "192.168.77.1/24", "dev", "lan0");
        await Shell.OutputAsync("ip", "-n", lab._server, "link", "set", "lan0", "up");
        await Shell.OutputAsync("ip", "-n", lab._client, "link", "set", "eth0", "up");
        return lab;
    }

    /// <summary>Starts a program on the server's side.</summary>
    public Process Serve(string program, string[] arguments, Dictionary<string, string>? environment = null) => Run(_server, program, arguments, environment);

    /// <summary>Plugs a client in; on SIGTERM it gives its address back.</summary>
    /// <param name="hostName">What it calls itself.</param>
    /// <param name="more">More for its command line.</param>
    public Process Join(string hostName, params string[] more) =>
        Run(_client, "busybox", ["udhcpc", "-f", "-R", "-i", "eth0", "-s", _script, "-x", $"hostname:{hostName}", "-t", "20", "-T", "1", "-A", "1", .. more]);

    /// <summary>What the client got of options that it has no name for: "opt162=002b…".</summary>
    public string Received => File.Exists(_received) ? File.ReadAllText(_received) : "";

    /// <summary>Asks a program to end and waits until it has.</summary>
    public static async Task EndAsync(Process process)
    {
        await Shell.OutputAsync("kill", "-TERM", $"{process.Id}");
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await process.WaitForExitAsync(deadline.Token);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _running)
        {
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            process.Dispose();
        }

        await Shell.OutputAsync("ip", "netns", "del", _client);
        await Shell.OutputAsync("ip", "netns", "del", _server);
    }

    private Process Run(string space, string program, string[] arguments, Dictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("ip", ["netns", "exec", space, program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _running.Add(process);
        return process;
    }
}

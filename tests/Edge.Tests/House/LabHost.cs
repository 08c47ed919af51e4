using System.Diagnostics;
using Edge.Tests.Whole;

namespace Edge.Tests.House;

/// <summary>One machine of the lab: a network namespace with files of its own in place of some of /etc.</summary>
internal sealed class LabHost(string role)
{
    private static readonly string Prefix = $"edge{Environment.ProcessId}";
    private static int _made;

    public string Role { get; } = role;

    /// <summary>The namespace, as ip(8) knows it.</summary>
    public string Name { get; } = $"{Prefix}-{Interlocked.Increment(ref _made)}-{role}";

    /// <summary>The words before a command that make it run on this host.</summary>
    public string[] Inside => ["ip", "netns", "exec", Name];

    /// <summary>Files that lie here are seen in /etc by the programs of this host.</summary>
    public string Etc => $"/etc/netns/{Name}";

    /// <summary>Makes the namespace; what ip(8) complained about, or nothing.</summary>
    public async Task<string> CreateAsync()
    {
        Directory.CreateDirectory(Etc);
        await File.WriteAllTextAsync(Path.Combine(Etc, "resolv.conf"), "");
        await File.WriteAllTextAsync(Path.Combine(Etc, "hosts"), "127.0.0.1 localhost\n");
        var said = await Shell.OutputAsync("ip", "netns", "add", Name);
        return said + await RunAsync("ip", "link", "set", "lo", "up");
    }

    public async Task RemoveAsync()
    {
        // What a program of the lab has started in turn ends with the host it runs on.
        foreach (var id in (await Shell.OutputAsync("ip", "netns", "pids", Name)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            await Shell.OutputAsync("kill", "-9", id);
        }

        await Shell.OutputAsync("ip", "netns", "del", Name);
        if (Directory.Exists(Etc))
        {
            Directory.Delete(Etc, recursive: true);
        }
    }

    /// <summary>Lays a cable to another host; both ends are up.</summary>
    public async Task ConnectAsync(string port, LabHost other, string otherPort)
    {
        await Shell.OutputAsync("ip", "link", "add", port, "netns", Name, "type", "veth", "peer", "name", otherPort, "netns", other.Name);
        await RunAsync("ip", "link", "set", port, "up");
        await other.RunAsync("ip", "link", "set", otherPort, "up");
    }

    /// <summary>Runs a program to its end and gives what it said.</summary>
    public Task<string> RunAsync(string program, params string[] arguments) => Shell.OutputAsync(Inside[0], [.. Inside[1..], program, .. arguments]);

    /// <summary>Starts a program whose output goes to a file.</summary>
    public Process Start(string log, string program, params string[] arguments) => StartProgram(log, [.. Inside, program, .. arguments]);

    /// <summary>Starts a command line as it is, with its output in a file.</summary>
    public static Process StartProgram(string log, IEnumerable<string> words)
    {
        var start = new ProcessStartInfo("sh") { UseShellExecute = false };
        foreach (var word in (string[])["-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1 </dev/null", "sh", log, .. words])
        {
            start.ArgumentList.Add(word);
        }

        return Process.Start(start)!;
    }
}

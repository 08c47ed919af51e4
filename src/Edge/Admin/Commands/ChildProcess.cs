using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Edge.Admin.Commands;

/// <summary>The command that <c>edge register</c> runs: it has the terminal, hears the same signals, and its exit code is ours.</summary>
internal static partial class ChildProcess
{
    private const int Sigterm = 15;

    // What a program gets to end by itself after Ctrl-C, before it is told once more.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string[] command, CancellationToken cancel)
    {
        using var child = Start(command);
        var ended = child.WaitForExitAsync(CancellationToken.None);

        // A SIGTERM to us does not reach the child. Ctrl-C does, being for the whole process group: a second signal at the
        // same moment would cut its orderly end short.
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Stop(child));
        await using var interrupted = cancel.Register(() => _ = StopUnlessEndedAsync(child, ended));
        await ended;
        return child.ExitCode;
    }

    private static async Task StopUnlessEndedAsync(Process child, Task ended)
    {
        if (await Task.WhenAny(ended, Task.Delay(Patience)) != ended)
        {
            Stop(child);
        }
    }

    private static Process Start(string[] command)
    {
        var start = new ProcessStartInfo(command[0]) { UseShellExecute = false };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            return Process.Start(start) ?? throw new CommandFailedException($"{command[0]} did not start");
        }
        catch (Win32Exception missing)
        {
            // The code by itself says "No such file or directory"; the exception's own words repeat the command and the folder.
            throw new CommandFailedException($"{command[0]} cannot be started: {new Win32Exception(missing.NativeErrorCode).Message}");
        }
    }

    private static void Stop(Process child)
    {
        if (!child.HasExited && (OperatingSystem.IsWindows() || Kill(child.Id, Sigterm) != 0))
        {
            child.Kill();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}

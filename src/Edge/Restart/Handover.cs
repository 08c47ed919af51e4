using System.Net.Sockets;
using Edge.Connections;
using Microsoft.Extensions.Logging;

namespace Edge.Restart;

/// <summary>Looks for a process that can take this one's place, and changes nothing when there is none.</summary>
/// <param name="command">The program and its arguments.</param>
/// <param name="mistakes">What keeps settings and files from being taken as they are now; null for nothing.</param>
/// <param name="logger">Told why there is no successor.</param>
internal sealed partial class Handover(IReadOnlyList<string> command, Func<string?> mistakes, ILogger<Handover> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>The command by which this process was started. To be asked at the start: an upgrade puts another file in the place of this one's.</summary>
    public static IReadOnlyList<string> OwnCommand() => CommandOf(Environment.GetCommandLineArgs(), Environment.ProcessPath!);

    /// <summary>The same, of what a process knows of itself.</summary>
    /// <param name="words">Its command line, with what it calls itself in front.</param>
    /// <param name="program">The file that it runs.</param>
    public static IReadOnlyList<string> CommandOf(string[] words, string program)
    {
        if (Path.GetFileName(program) is "dotnet")
        {
            return [program, .. words];
        }

        // The launcher beside a library passes for the program, though the first word is the library.
        var isOwnName = Path.IsPathRooted(words[0]) && !words[0].EndsWith(".dll", StringComparison.Ordinal);
        return [isOwnName ? words[0] : program, .. words[1..]];
    }

    /// <summary>Starts another process and waits until it needs nothing more but what this one holds.</summary>
    /// <param name="sockets">The listening sockets, which both have from now on.</param>
    /// <param name="beside">Opens sockets for it alone.</param>
    /// <param name="bind">Binds those. That comes last: what arrives at them waits until it serves.</param>
    /// <param name="cancel">The end of this process.</param>
    public async Task<Successor?> PrepareAsync(ListeningSockets sockets, Func<IReadOnlyList<Socket>> beside, Action<IReadOnlyList<Socket>> bind, CancellationToken cancel)
    {
        IReadOnlyList<Socket> given = [];
        Successor? successor = null;
        try
        {
            given = beside();
            successor = Successor.Start(command, [.. sockets.Open, .. given], sockets.Units);
            if (await successor.IsAsync(Predecessor.Waiting, Patience, cancel))
            {
                bind(given);
                Log.Found(logger, successor.Id);
                return successor;
            }

            Log.Failed(logger, command[0]);
            successor.Dispose();
        }
        catch (Exception wrong)
        {
            // No program, no descriptors, an address that is gone: whatever it is, this process goes on.
            Log.NotStarted(logger, command[0], wrong.Message);
            successor?.Kill();
            successor?.Dispose();
        }
        finally
        {
            foreach (var socket in given)
            {
                socket.Dispose();
            }
        }

        return null;
    }

    /// <summary>Whether another process can be tried; otherwise the log says why not.</summary>
    public bool MayTry()
    {
        if (Environment.ProcessId == 1)
        {
            Log.IsFirst(logger);
            return false;
        }

        if (mistakes() is { } wrong)
        {
            Log.Mistakes(logger, wrong);
            return false;
        }

        return true;
    }

    /// <summary>Waits until the successor serves.</summary>
    public async Task<bool> ServesAsync(Successor successor)
    {
        var serves = await successor.IsAsync(Predecessor.Serving, Patience, CancellationToken.None);
        if (serves)
        {
            Log.Serves(logger, successor.Id);
        }
        else
        {
            Log.Broke(logger, successor.Id);
        }

        return serves;
    }

    private static partial class Log
    {
        [LoggerMessage(5920, LogLevel.Information, "Process {Id} takes over")]
        public static partial void Found(ILogger logger, int id);

        [LoggerMessage(5921, LogLevel.Error, "{Program} was started to take over and did not get ready; nothing has changed")]
        public static partial void Failed(ILogger logger, string program);

        [LoggerMessage(5922, LogLevel.Error, "{Program} cannot be started to take over: {Reason}; nothing has changed")]
        public static partial void NotStarted(ILogger logger, string program, string reason);

        [LoggerMessage(5923, LogLevel.Error, "No other process can take over from process 1, with which its container ends: restart the container instead")]
        public static partial void IsFirst(ILogger logger);

        [LoggerMessage(5924, LogLevel.Error, "No other process is started, because it would not take what the settings and files say; nothing has changed:\n{Mistakes}")]
        public static partial void Mistakes(ILogger logger, string mistakes);

        [LoggerMessage(5925, LogLevel.Information, "Process {Id} serves now; this one ends with the requests it has")]
        public static partial void Serves(ILogger logger, int id);

        [LoggerMessage(5926, LogLevel.Error, "Process {Id} was to take over and has failed; nobody serves any more, see what it has said")]
        public static partial void Broke(ILogger logger, int id);
    }
}

using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Edge.Connections;
using Edge.Restart;
using Edge.Settings;
using Edge.Stores;
using Microsoft.Extensions.Logging;

namespace Edge;

/// <summary>One run of Edge: start, say what is served, wait for the end or for the process that takes over.</summary>
internal static partial class EdgeProgram
{
    private const int CannotServe = 3;

    // What a start sets going (the first questions upstream, the first certificates) is over then, or waits for others.
    private static readonly TimeSpan UntilSettled = TimeSpan.FromSeconds(2);

    /// <summary>Serves until <paramref name="cancel"/>; the result is the exit code: 0 for an ordered end, 3 when it could not start.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="config">The path of edge.yaml.</param>
    /// <param name="read">The files that were read for the settings, which are followed while Edge runs, and their state then.</param>
    /// <param name="cancel">The signal to stop.</param>
    public static async Task<int> RunAsync(EdgeOptions options, string config, IReadOnlyDictionary<string, string> read, CancellationToken cancel)
    {
        RuntimeKnobs.Set(options.PathOf(options.Data));
        var command = Handover.OwnCommand();
        using var reload = new ReloadSignal();
        using var logs = EdgeLog.Create();
        var manager = ServiceManager.Find();
        using var predecessor = Predecessor.Find();
        ListeningSockets sockets;
        EdgeHost host;
        try
        {
            if (predecessor is not null)
            {
                predecessor.Tell(Predecessor.Waiting);
                await FolderLock.FreeAsync(options.PathOf(options.Data), TimeProvider.System, cancel);
            }

            // Only now: until then those of UDP are at no address.
            sockets = predecessor is null
                ? ListeningSockets.Inherit(manager.Descriptors, manager.IsOfUnit, ProtocolType.Tcp)
                : ListeningSockets.Inherit(predecessor.Descriptors, (descriptor, _) => predecessor.IsOfUnit(descriptor));
            sockets.Abandoned += manager.Forget;
            sockets.KeptAsIs += at => Log.KeptAsIs(logs.CreateLogger(nameof(EdgeProgram)), at, sockets.Units.Consequence(at));
            host = await EdgeHost.StartAsync(options, sockets, logs, TimeProvider.System, cancel);
        }
        catch (Exception known) when (known is StartFailedException or StoreUnavailableException or IOException or UnauthorizedAccessException or CryptographicException)
        {
            await Console.Error.WriteLineAsync($"edge: {known.Message}");
            return CannotServe;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return 0;
        }

        using (sockets)
        await using (host)
        {
            var gone = sockets.CloseRest();
            manager.Ready(sockets, gone);
            predecessor?.Tell(Predecessor.Serving);
            predecessor?.Dispose();
            Banner.Write(Console.Out, options);
            TellMissing(options, logs);
            var handover = new Handover(command, new HandoverCheck(config, options, host, sockets.Units).Mistakes, logs.CreateLogger<Handover>());
            using var successor = await ServeAsync(options, config, read, host, handover, sockets, reload, logs, cancel);
            if (successor is null)
            {
                manager.Stopping();
                return 0;
            }

            await host.YieldAsync(cancel);
            if (!await handover.ServesAsync(successor))
            {
                host.EndSoon();
                return cancel.IsCancellationRequested ? 0 : CannotServe;
            }

            manager.Succeeded(successor.Id);
            if (cancel.IsCancellationRequested)
            {
                // Who told this one to end did not know of the other yet.
                successor.End();
            }
        }

        return 0;
    }

    private static void TellMissing(EdgeOptions options, ILoggerFactory logs)
    {
        var logger = logs.CreateLogger(nameof(EdgeProgram));
        foreach (var problem in options.MissingFolders)
        {
            Log.MissingFolder(logger, problem);
        }
    }

    // Until another process takes over, or until the end.
    private static async Task<Successor?> ServeAsync(
        EdgeOptions options, string config, IReadOnlyDictionary<string, string> read, EdgeHost host, Handover handover, ListeningSockets sockets, ReloadSignal reload, ILoggerFactory logs, CancellationToken cancel)
    {
        await using var follower = new SettingsFollower(config, options, read, host, logs, TimeProvider.System);
        using var settled = TimeProvider.System.CreateTimer(_ => StartMemory.GiveBack(), null, UntilSettled, Timeout.InfiniteTimeSpan);
        using var heap = new LargeHeap(TimeProvider.System);
        heap.Start();
        while (await reload.WaitAsync(cancel))
        {
            if (handover.MayTry() && await handover.PrepareAsync(sockets, host.DnsListeners.OpenBeside, host.DnsListeners.BindBeside, cancel) is { } successor)
            {
                return successor;
            }
        }

        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(8050, LogLevel.Warning, "{Problem}")]
        public static partial void MissingFolder(ILogger logger, Problem problem);

        [LoggerMessage(8052, LogLevel.Warning, "{EndPoint} comes from a .socket unit and stays as it is: {Consequence}")]
        public static partial void KeptAsIs(ILogger logger, IPEndPoint endPoint, string consequence);
    }
}

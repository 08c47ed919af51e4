using System.Security.Cryptography;
using Edge.Stores;

namespace Edge;

/// <summary>One run of Edge: start, say what is served, wait for the end.</summary>
internal static class EdgeProgram
{
    /// <summary>Serves until <paramref name="cancel"/>; the result is the exit code: 0 for an ordered end, 3 when it could not start.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="config">The path of edge.yaml.</param>
    /// <param name="read">The files that were read for the settings, which are followed while Edge runs, and their state then.</param>
    /// <param name="cancel">The signal to stop.</param>
    public static async Task<int> RunAsync(EdgeOptions options, string config, IReadOnlyDictionary<string, string> read, CancellationToken cancel)
    {
        RuntimeKnobs.Set(options.PathOf(options.Data));
        using var logs = EdgeLog.Create();
        EdgeHost host;
        try
        {
            host = await EdgeHost.StartAsync(options, logs, TimeProvider.System, cancel);
        }
        catch (Exception known) when (known is StartFailedException or StoreUnavailableException or IOException or UnauthorizedAccessException or CryptographicException)
        {
            await Console.Error.WriteLineAsync($"edge: {known.Message}");
            return 3;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return 0;
        }

        await using (host)
        {
            Banner.Write(Console.Out, options);
            await using var follower = new SettingsFollower(config, options, read, host, logs, TimeProvider.System);
            await UntilCancelledAsync(cancel);
        }

        return 0;
    }

    private static async Task UntilCancelledAsync(CancellationToken cancel)
    {
        var ended = new TaskCompletionSource();
        await using var signal = cancel.Register(ended.SetResult);
        await ended.Task;
    }
}

using System.Collections.Immutable;
using System.Net;
using System.Threading.Channels;
using Edge.Services;
using Edge.Settings;

namespace Edge.Docker;

/// <summary>
/// Follows one engine: looks at all containers, then at those with which something happens, and now and then at all
/// again. While the engine does not answer, what its containers declared stays in force: they may well go on without it.
/// </summary>
internal sealed partial class EngineFollower : IDisposable
{
    // Of more containers at once all are looked at: the list tells which of them matter.
    private const int MostAtOnce = 200;

    // What is not read yet waits with the engine.
    private const int MostWaiting = 10_000;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(1);

    private readonly EngineOptions _options;
    private readonly EngineClient _client;
    private readonly EngineContainers _containers;
    private readonly Action<IReadOnlyList<(string Key, DeclaredGroup? Group)>> _taken;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private volatile string? _trouble;
    private TimeSpan _wait = FirstWait;

    /// <param name="options">Which engine, and what its labels may say.</param>
    /// <param name="reader">Knows the schema.</param>
    /// <param name="links">The subnets that this machine has an address in.</param>
    /// <param name="taken">Takes what changed.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where trouble is told.</param>
    public EngineFollower(EngineOptions options, ServiceReader reader, Func<IReadOnlyList<IPNetwork>> links, Action<IReadOnlyList<(string Key, DeclaredGroup? Group)>> taken, TimeProvider time, ILogger log)
    {
        (_options, _taken, _time, _log) = (options, taken, time, log);
        _client = new EngineClient(options.Socket, time);
        _containers = new EngineContainers(_client, options, reader, links);
    }

    /// <summary>What is wrong now: with the engine, and in labels.</summary>
    public ImmutableArray<Problem> Problems { get; private set; } = [];

    /// <summary>Looks at all containers, once; what cannot be learnt soon is left to <see cref="FollowAsync"/>.</summary>
    public async Task LoadAsync(CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(StartPatience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            await _client.GreetAsync(either.Token).ConfigureAwait(false);
            await _containers.LookAtAllAsync(_taken, either.Token).ConfigureAwait(false);
            Answers();
        }
        catch (EngineException wrong)
        {
            Trouble(wrong.Message);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            Trouble($"does not answer within {StartPatience.TotalSeconds:0} seconds");
        }
        catch (Exception unexpected) when (!cancel.IsCancellationRequested)
        {
            // Whatever an engine says, Edge starts.
            Log.Failed(_log, _options.Socket, unexpected);
            Trouble(unexpected.Message);
        }
    }

    public async Task FollowAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await FollowStreamAsync(cancel).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (EngineException wrong)
            {
                Trouble(wrong.Message);
            }
            catch (Exception unexpected)
            {
                Log.Failed(_log, _options.Socket, unexpected);
                Trouble(unexpected.Message);
            }

            // With jitter: several who wait for one engine do not come all at once.
            await Task.Delay(_wait * (0.5 + (Random.Shared.NextDouble() / 2)), _time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _wait = _wait * 2 < LongestWait ? _wait * 2 : LongestWait;
        }
    }

    public void Dispose() => _client.Dispose();

    // The stream first and then the look at all: what happens in between is in the stream.
    private async Task FollowStreamAsync(CancellationToken cancel)
    {
        await _client.GreetAsync(cancel).ConfigureAwait(false);
        using var events = await _client.EventsAsync(cancel).ConfigureAwait(false);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var happened = Channel.CreateBounded<string>(MostWaiting);
        var reading = ReadAsync(events, happened.Writer, end.Token);
        try
        {
            while (true)
            {
                await _containers.LookAtAllAsync(_taken, cancel).ConfigureAwait(false);
                Answers();
                _wait = FirstWait;
                await FollowEventsAsync(happened.Reader, cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
    }

    // Returns when it is time to look at all again.
    private async Task FollowEventsAsync(ChannelReader<string> happened, CancellationToken cancel)
    {
        using var due = new CancellationTokenSource(LookAgain, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(due.Token, cancel);
        while (!due.IsCancellationRequested)
        {
            try
            {
                if (!await happened.WaitToReadAsync(either.Token).ConfigureAwait(false))
                {
                    throw new EngineException("has ended the stream of its events");
                }
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                return;
            }

            var ids = new HashSet<string>(StringComparer.Ordinal);
            while (ids.Count <= MostAtOnce && happened.TryRead(out var id))
            {
                ids.Add(id);
            }

            if (ids.Count > MostAtOnce)
            {
                return;
            }

            await _containers.LookAtAsync(ids, _taken, cancel).ConfigureAwait(false);
            Answers();
        }
    }

    private async Task ReadAsync(EventLines events, ChannelWriter<string> happened, CancellationToken cancel)
    {
        try
        {
            while (await events.NextAsync(cancel).ConfigureAwait(false) is { } all)
            {
                foreach (var one in all)
                {
                    await happened.WriteAsync(one.Container, cancel).ConfigureAwait(false);
                    if (one.IsEarly)
                    {
                        _ = AgainAsync(one.Container, happened, cancel);
                    }
                }
            }

            happened.Complete();
        }
        catch (Exception wrong)
        {
            happened.Complete(wrong);
        }
    }

    private async Task AgainAsync(string id, ChannelWriter<string> happened, CancellationToken cancel)
    {
        await Task.Delay(SecondLook, _time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        happened.TryWrite(id);
    }

    private void Answers()
    {
        if (_trouble is not null)
        {
            Log.Answers(_log, _options.Socket);
        }

        _trouble = null;
        Tell();
    }

    private void Trouble(string what)
    {
        if (_trouble != what)
        {
            Log.Trouble(_log, _options.Socket, what);
        }

        _trouble = what;
        Tell();
    }

    private void Tell()
    {
        var before = Problems;
        ImmutableArray<Problem> now = [.. _containers.Problems];
        foreach (var problem in now.Except(before))
        {
            Log.Wrong(_log, problem);
        }

        Problems = _trouble is { } trouble ? [new Problem(null, 0, "docker", $"{_options.Socket} {trouble}", "what its containers declared is served as it was"), .. now] : now;
    }

    private static partial class Log
    {
        [LoggerMessage(2100, LogLevel.Warning, "{Socket} {What}; what its containers declared is served as it was, and it is tried again")]
        public static partial void Trouble(ILogger log, string socket, string what);

        [LoggerMessage(2101, LogLevel.Information, "{Socket} answers again")]
        public static partial void Answers(ILogger log, string socket);

        [LoggerMessage(2102, LogLevel.Warning, "{Problem}")]
        public static partial void Wrong(ILogger log, Problem problem);

        [LoggerMessage(2103, LogLevel.Error, "{Socket} cannot be followed and is tried again")]
        public static partial void Failed(ILogger log, string socket, Exception wrong);
    }
}

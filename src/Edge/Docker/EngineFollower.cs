using System.Collections.Immutable;
using System.Net;
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

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(1);

    private EngineOptions _options;
    private readonly EngineClient _client;

    // The containers are for one at a time: whoever follows, or whoever brings other settings.
    private readonly SemaphoreSlim _turn = new(1);
    private readonly EngineContainers _containers;
    private readonly Action<IReadOnlyList<(string Key, DeclaredGroup? Group)>> _taken;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private volatile string? _trouble;
    private ImmutableArray<Problem> _inLabels = [];
    private long? _nextEnd;
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
        _containers = new EngineContainers(_client, options, reader, links, time);
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
            await InTurnAsync(() => _containers.LookAtAllAsync(_taken, either.Token), either.Token).ConfigureAwait(false);
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

    /// <summary>Takes other rules for labels, which hold at once for what the containers are known to say.</summary>
    public async Task UseAsync(EngineOptions options, CancellationToken cancel)
    {
        _options = options;
        await InTurnAsync(
            () =>
            {
                _containers.Use(options, _taken);
                return Task.CompletedTask;
            },
            cancel).ConfigureAwait(false);
        Tell();
    }

    public void Dispose()
    {
        _client.Dispose();
        _turn.Dispose();
    }

    private async Task InTurnAsync(Func<Task> look, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await look().ConfigureAwait(false);
        }
        finally
        {
            (_nextEnd, _inLabels) = (_containers.NextEnd, [.. _containers.Problems]);
            _turn.Release();
        }
    }

    // The stream first and then the look at all: what happens in between is in the stream.
    private async Task FollowStreamAsync(CancellationToken cancel)
    {
        await _client.GreetAsync(cancel).ConfigureAwait(false);
        using var events = await _client.EventsAsync(cancel).ConfigureAwait(false);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var happened = new EngineHappenings(events, _time);
        var reading = happened.ReadAsync(end.Token);
        try
        {
            while (true)
            {
                await InTurnAsync(() => _containers.LookAtAllAsync(_taken, cancel), cancel).ConfigureAwait(false);
                Answers();
                _wait = FirstWait;
                await FollowEventsAsync(happened, cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
    }

    // Returns when it is time to look at all again.
    private async Task FollowEventsAsync(EngineHappenings happened, CancellationToken cancel)
    {
        var end = _time.GetTimestamp() + (long)(LookAgain.TotalSeconds * _time.TimestampFrequency);
        while (_time.GetTimestamp() < end)
        {
            if (!await happened.WaitAsync(Math.Min(end, _nextEnd ?? end), cancel).ConfigureAwait(false))
            {
                await InTurnAsync(EndHoldsAsync, cancel).ConfigureAwait(false);
                continue;
            }

            var ids = happened.Take(MostAtOnce);
            if (ids.Count > MostAtOnce)
            {
                return;
            }

            await InTurnAsync(() => _containers.LookAtAsync(ids, _taken, cancel), cancel).ConfigureAwait(false);
            Answers();
        }
    }

    private Task EndHoldsAsync()
    {
        _containers.EndHolds(_taken);
        return Task.CompletedTask;
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
        var now = _inLabels;
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

using System.Collections.Immutable;
using Edge.Acme;
using Edge.Stores;
using Microsoft.Extensions.Logging;

namespace Edge.Certificates;

/// <summary>
/// Keeps the certificates fresh, for ever. Every decision is made anew from the wall clock at each wake, so that a
/// clock that jumps or a machine that slept changes nothing but the moment. Each certificate is obtained by itself:
/// one that fails waits on its own ladder and disturbs no other.
/// </summary>
/// <param name="manager">Knows what is wanted and due.</param>
/// <param name="planner">Plans anew at each wake: the zones may have changed.</param>
/// <param name="issuers">The public CAs; none: only internal certificates are kept fresh.</param>
/// <param name="files">Asked whether the disk takes files, before a CA is asked for anything.</param>
/// <param name="store">Holds the lock of the fleet; null on a single box.</param>
/// <param name="ladder">The waits after failures.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told about what should not happen.</param>
internal sealed partial class RenewalLoop(
    CertificateManager manager, CertificatePlanner planner, ImmutableArray<PublicIssuer> issuers, CertificateFiles files, IStore? store, RetryLadder ladder, TimeProvider time, ILogger logger)
{
    private const int AtOnce = 4;

    // Timers run on the monotonic clock and do not see the wall clock jump: a look each minute does.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(20);

    // Longer than an order can take; the lock of a box that died is free again after it.
    private static readonly TimeSpan LockLife = TimeSpan.FromMinutes(15);

    private readonly RenewalAttempt _attempt = new(issuers, ladder, time, logger) { Otherwise = static name => $", or say \"edge certs renew {name}\"" };
    private readonly RenewalLooks _looks = new(manager, issuers, time, logger);
    private readonly ExpiryWatch _expiry = new(manager, time, logger);
    private readonly OldCertificates _old = new(manager, time);
    private readonly Dictionary<CertificateId, Task> _running = [];

    /// <summary>Runs at each wake, such as to see what has become of names elsewhere.</summary>
    public Action<CancellationToken> AtEachWake { get; init; } = static _ => { };

    /// <summary>Runs until cancelled; returns when the orders in flight have let go.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            var sleep = LongestSleep;
            try
            {
                AtEachWake(cancel);
                planner.Replan();
                _expiry.Look();
                _old.Look();
                var (order, look) = (StartDue(cancel), _looks.StartDue(cancel));
                sleep = order < look ? order : look;
            }
            catch (Exception bug)
            {
                Log.Stumbled(logger, bug);
            }

            await manager.Woken.WaitAsync(sleep < ShortestSleep ? ShortestSleep : sleep > LongestSleep ? LongestSleep : sleep, time, cancel).ConfigureAwait(false);
        }

        await Task.WhenAll(_running.Values).ConfigureAwait(false);
        await _looks.EndAsync().ConfigureAwait(false);
    }

    /// <summary>Starts what is due and returns how long nothing else will be.</summary>
    private TimeSpan StartDue(CancellationToken cancel)
    {
        foreach (var done in _running.Where(pair => pair.Value.IsCompleted).Select(pair => pair.Key).ToArray())
        {
            _running.Remove(done);
        }

        var now = time.GetUtcNow();
        var sleep = LongestSleep;
        foreach (var job in manager.Jobs().OrderBy(job => job.DueAt))
        {
            if (job.DueAt > now)
            {
                var wait = job.DueAt - now;
                sleep = wait < sleep ? wait : sleep;
            }
            else if (_running.Count < AtOnce && !_running.ContainsKey(job.Id))
            {
                manager.Begin(job.Id);
                var task = RenewAsync(job, cancel);
                _running[job.Id] = task;

                // After the task has ended, not at its end: the next look must find it completed.
                _ = task.ContinueWith(_ => manager.Wake(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }

        return sleep;
    }

    private async Task RenewAsync(RenewalJob job, CancellationToken cancel)
    {
        await Task.Yield();
        try
        {
            if (!HasSpace(job))
            {
                return;
            }

            var (go, held) = await LockAsync(job, cancel).ConfigureAwait(false);
            await using (held)
            {
                if (go)
                {
                    await _attempt.RunAsync(new ManagedRenewal(manager, job), cancel).ConfigureAwait(false);
                }
                else
                {
                    manager.Release(job, ladder.Wait(1));
                }
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            manager.Release(job, null);
        }
        catch (Exception failure)
        {
            // Whatever it was, this certificate is tried again, and the others do not hear of it.
            manager.Failed(job, failure is IOException ? failure.Message : $"{failure.GetType().Name}: {failure.Message}", job.State.Doubted, ladder.Wait);
        }
    }

    // The ladder spares the CA, and this costs none anything: looked at again soon, it goes on as soon as there is space.
    private bool HasSpace(RenewalJob job)
    {
        try
        {
            files.Probe(job.Id);
            return true;
        }
        catch (IOException full)
        {
            Log.NoSpace(logger, job.Id.Name, full.Message);
            manager.Failed(job, $"nothing is ordered that the disk could not keep: {full.Message}", job.State.Doubted, _ => ladder.Wait(1));
            return false;
        }
    }

    /// <summary>Takes the fleet's lock for a certificate. A store that is away does not keep a box from renewing.</summary>
    private async Task<(bool Go, IAsyncDisposable? Held)> LockAsync(RenewalJob job, CancellationToken cancel)
    {
        if (store is null)
        {
            return (true, null);
        }

        try
        {
            var held = await store.TryLockAsync($"certificates/{job.Id.Issuer}/{job.Id.Folder}", LockLife, cancel).ConfigureAwait(false);
            return (held is not null, held);
        }
        catch (StoreUnavailableException away)
        {
            Log.WithoutLock(logger, job.Id.Name, away.Message);
            return (true, null);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4050, LogLevel.Error, "The renewal loop stumbled and goes on")]
        public static partial void Stumbled(ILogger logger, Exception bug);

        [LoggerMessage(4140, LogLevel.Warning, "No certificate is ordered for {Name}: the disk could not keep it ({Reason})")]
        public static partial void NoSpace(ILogger logger, string name, string reason);

        [LoggerMessage(4051, LogLevel.Warning, "The certificate for {Name} is obtained without the fleet's lock: {Reason}")]
        public static partial void WithoutLock(ILogger logger, string name, string reason);
    }
}

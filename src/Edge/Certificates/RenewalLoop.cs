using Edge.Certificates.Acme;
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
/// <param name="issuer">The public CA; null: only internal certificates are kept fresh.</param>
/// <param name="files">Asked whether the disk takes files, before a CA is asked for anything.</param>
/// <param name="store">Holds the lock of the fleet; null on a single box.</param>
/// <param name="ladder">The waits after failures.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told about what should not happen.</param>
internal sealed partial class RenewalLoop(
    CertificateManager manager, CertificatePlanner planner, AcmeIssuer? issuer, CertificateFiles files, IStore? store, RetryLadder ladder, TimeProvider time, ILogger logger)
{
    private const int AtOnce = 4;

    // Timers run on the monotonic clock and do not see the wall clock jump: a look each minute does.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(20);

    // Longer than an order can take; the lock of a box that died is free again after it.
    private static readonly TimeSpan LockLife = TimeSpan.FromMinutes(15);

    // Refusals that the same order will meet again until a person changes something (RFC 8555 §6.7).
    private static readonly string[] Lasting = ["rejectedIdentifier", "unsupportedIdentifier", "caa", "userActionRequired", "externalAccountRequired", "invalidContact", "unsupportedContact"];

    private readonly Dictionary<CertificateId, Task> _running = [];

    /// <summary>Runs until cancelled; returns when the orders in flight have let go.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            var sleep = LongestSleep;
            try
            {
                planner.Replan();
                sleep = StartDue(cancel);
            }
            catch (Exception bug)
            {
                Log.Stumbled(logger, bug);
            }

            await manager.Woken.WaitAsync(sleep, time, cancel).ConfigureAwait(false);
        }

        await Task.WhenAll(_running.Values).ConfigureAwait(false);
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
            else if (issuer is not null && _running.Count < AtOnce && !_running.ContainsKey(job.Id))
            {
                manager.Begin(job.Id);
                var task = RenewAsync(issuer, job, cancel);
                _running[job.Id] = task;

                // After the task has ended, not at its end: the next look must find it completed.
                _ = task.ContinueWith(_ => manager.Wake(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }

        return sleep < ShortestSleep ? ShortestSleep : sleep;
    }

    private async Task RenewAsync(AcmeIssuer from, RenewalJob job, CancellationToken cancel)
    {
        await Task.Yield();
        try
        {
            files.Probe();
            var (go, held) = await LockAsync(job, cancel).ConfigureAwait(false);
            await using (held)
            {
                if (go)
                {
                    manager.Obtained(job, await from.IssueAsync(job.Names, cancel).ConfigureAwait(false));
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
            manager.Failed(job, Reason(failure), attempts => Wait(failure, attempts));
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

    private TimeSpan Wait(Exception failure, int attempts)
    {
        var wait = ladder.Wait(attempts);
        if (failure is not AcmeException refusal)
        {
            return wait;
        }

        wait = refusal.Problem.IsAny(Lasting) ? ladder.Longest : wait;
        return refusal.RetryAfter is { } asked && asked > wait ? asked : wait;
    }

    private static string Reason(Exception failure) => failure switch
    {
        AcmeException or IssuanceException => failure.Message,
        HttpRequestException { InnerException: { } inner } => $"the CA cannot be reached: {failure.Message} ({inner.Message})",
        HttpRequestException => $"the CA cannot be reached: {failure.Message}",
        OperationCanceledException => "the CA did not answer in time",
        IOException => failure.Message,
        _ => $"{failure.GetType().Name}: {failure.Message}",
    };

    private static partial class Log
    {
        [LoggerMessage(4050, LogLevel.Error, "The renewal loop stumbled and goes on")]
        public static partial void Stumbled(ILogger logger, Exception bug);

        [LoggerMessage(4051, LogLevel.Warning, "The certificate for {Name} is obtained without the fleet's lock: {Reason}")]
        public static partial void WithoutLock(ILogger logger, string name, string reason);
    }
}

using System.Collections.Concurrent;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Resolver;

/// <summary>
/// The questions on their way: equal ones are asked once, all of them have a limit, and so have those of one domain.
/// </summary>
internal sealed partial class Flights(TimeProvider time, ILogger log, Func<long> now, CancellationToken stop)
{
    // RFC 8767 §5 asks for 30 seconds between attempts to refresh what is served stale.
    private const long FailureRecheck = 30_000;

    private readonly ConcurrentDictionary<QuestionKey, Task<Learned>> _flights = new();
    private readonly DomainPlaces _places = new();
    private int _inFlight;

    /// <summary>How many questions joined one that was on its way.</summary>
    public StripedCounter Merged { get; } = new();

    /// <summary>How many ended in SERVFAIL.</summary>
    public StripedCounter Failures { get; } = new();

    /// <summary>The answer to a question, asked now unless it is on its way already. It comes on the thread that received it.</summary>
    /// <param name="key">The question.</param>
    /// <param name="setup">How it is asked.</param>
    /// <param name="old">What was known before and can stand in; null for nothing.</param>
    public Task<Learned> Join(QuestionKey key, ForwarderSetup setup, CachedAnswer? old) => Join(key, setup, old, isAnew: false);

    /// <summary>The same past what was learned before. A question that is on its way already may have been answered before the change: it is asked once more.</summary>
    public async Task<Learned> AskAnewAsync(QuestionKey key, ForwarderSetup setup)
    {
        if (_flights.TryGetValue(key, out var before))
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }

        return await Join(key, setup, null, isAnew: true).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
    }

    private Task<Learned> Join(QuestionKey key, ForwarderSetup setup, CachedAnswer? old, bool isAnew)
    {
        if (_flights.TryGetValue(key, out var flight))
        {
            Merged.Increment();
            return flight;
        }

        if (!TryTakePlace(setup.Options, key))
        {
            Failures.Increment();
            return Task.FromResult(new Learned(AnswerBuilder.Failure(key, Rcode.ServFail, ExtendedErrorCode.Other, "too many questions wait for upstreams")));
        }

        // Continued where the reply arrives: to hand it on would cost as much as all the rest.
        var landing = new TaskCompletionSource<Learned>();
        flight = _flights.GetOrAdd(key, landing.Task);
        if (flight != landing.Task)
        {
            ReleasePlace(key);
            Merged.Increment();
            return flight;
        }

        _ = FlyAsync(key, setup, old, isAnew, landing);
        return flight;
    }

    private async Task FlyAsync(QuestionKey key, ForwarderSetup setup, CachedAnswer? old, bool isAnew, TaskCompletionSource<Learned> landing)
    {
        Learned learned;
        try
        {
            var failuresBefore = setup.Cache.Find(key.Name.Wire, key.Type, key.KeyFlags)?.Failures ?? 0;
            learned = await setup.Search.RunAsync(key, failuresBefore, isAnew, time, stop).ConfigureAwait(false);
            if (learned.Answer.IsUnjudged && setup.Search.Validates == true)
            {
                // Validation began while it was on its way.
                learned = await setup.Search.RunAsync(key, failuresBefore, isAnew, time, stop).ConfigureAwait(false);
            }

            Keep(setup, learned.Answer, old);
        }
        catch (Exception error)
        {
            Log.InquiryFailed(log, key.Name, key.Type, error);
            learned = new Learned(AnswerBuilder.Failure(key, Rcode.ServFail, ExtendedErrorCode.Other, "internal error"));
        }

        _flights.TryRemove(key, out _);
        ReleasePlace(key);
        landing.SetResult(learned);
    }

    private void Keep(ForwarderSetup setup, CachedAnswer answer, CachedAnswer? old)
    {
        if (answer.Rcode != Rcode.ServFail)
        {
            setup.Cache.Put(answer, now());
            return;
        }

        Failures.Increment();
        if (old is null)
        {
            setup.Cache.Put(answer, now());
            return;
        }

        // The failure does not push out the answer that stands in for it.
        var end = old.Value.ExpiresAt + (long)setup.Options.MaxStale.TotalMilliseconds;
        setup.Cache.ServeStale(old.Value, Math.Min(now() + FailureRecheck, end));
    }

    private bool TryTakePlace(ForwarderOptions options, QuestionKey key)
    {
        // While there is room, a domain that everybody asks about may have it.
        var taken = Interlocked.Increment(ref _inFlight);
        if (taken <= options.MaxInFlight && _places.TryTake(key.Name.Wire, taken > options.MaxInFlight / 2 ? options.MaxInFlightPerDomain : options.MaxInFlight))
        {
            return true;
        }

        Interlocked.Decrement(ref _inFlight);
        return false;
    }

    private void ReleasePlace(QuestionKey key)
    {
        Interlocked.Decrement(ref _inFlight);
        _places.Release(key.Name.Wire);
    }

    private static partial class Log
    {
        [LoggerMessage(1311, LogLevel.Error, "Resolving {Name} {Type} broke off")]
        public static partial void InquiryFailed(ILogger logger, Name name, RecordType type, Exception error);
    }
}

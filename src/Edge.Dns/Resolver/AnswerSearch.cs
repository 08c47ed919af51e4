using System.Collections.Concurrent;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>From a question that the cache cannot answer to what is kept of the answer: origin, validation, scrubbing.</summary>
internal sealed class AnswerSearch(IAnswerOrigin origin, IAnswerValidator? validator, AnswerScrubber scrubber, ForwarderOptions options)
{
    private const int MostOrigins = 256;

    // Upstreams are few, and the log of queries keeps their names: they are one text each.
    private readonly ConcurrentDictionary<string, string> _origins = new(StringComparer.Ordinal);

    /// <summary>Whether answers are validated now; null when nobody is there to do it.</summary>
    public bool? Validates => validator?.IsReady;

    /// <summary>Finds out whether answers can be validated, where that is not known yet; returns at once.</summary>
    public void Prepare() => validator?.Prepare();

    /// <summary>The answer, or a SERVFAIL that says why there is none.</summary>
    /// <param name="key">The question.</param>
    /// <param name="failuresBefore">How often in a row it failed.</param>
    /// <param name="isAnew">Whether nothing is concluded from proofs that were learned before (RFC 8198).</param>
    /// <param name="time">The clock.</param>
    /// <param name="stop">The server stops.</param>
    public async Task<Learned> RunAsync(QuestionKey key, int failuresBefore, bool isAnew, TimeProvider time, CancellationToken stop)
    {
        // RFC 6840 §5.9: who validates asks for everything, and for what others think is bogus too.
        var wants = validator is not null && !key.CheckingDisabled && !origin.IsTakenAsItIs(key);
        var validates = wants && validator!.IsReady;
        if (wants && !validates)
        {
            validator!.Prepare();
        }

        if (!validates && origin.KeepsTime)
        {
            return Judge(key, await origin.AskAsync(key, CancellationToken.None).ConfigureAwait(false), null, failuresBefore, isUnjudged: wants);
        }

        if (validates && !isAnew && validator!.Synthesise(key) is { } known && scrubber.Scrub(key, known, Verdict.Secure(TimeSpan.MaxValue), out _) is { } concluded)
        {
            return new Learned(concluded, IsConcluded: true);
        }

        using var timer = new CancellationTokenSource(options.TotalTimeout, time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stop);
        var asked = validates ? key with { KeyFlags = QuestionKey.Flags(dnssecOk: true, checkingDisabled: true) } : key;
        var found = await origin.AskAsync(asked, deadline.Token).ConfigureAwait(false);
        var verdict = validates && found.Message is { } message ? await validator!.ValidateAsync(key, message, deadline.Token).ConfigureAwait(false) : null;
        return Judge(key, found, verdict, failuresBefore, isUnjudged: wants && !validates);
    }

    private Learned Judge(QuestionKey key, OriginAnswer found, Verdict? verdict, int failuresBefore, bool isUnjudged)
    {
        var answer = Judge(key, found, verdict, failuresBefore, out var isSaid);
        answer.Head.Bits |= isUnjudged ? AnswerHead.Unjudged : (byte)0;
        return new Learned(answer, isSaid ? Known(found.From) : null);
    }

    private CachedAnswer Judge(QuestionKey key, OriginAnswer found, Verdict? verdict, int failuresBefore, out bool isSaid)
    {
        isSaid = found.Wire is not null && verdict is null;
        if (isSaid)
        {
            return scrubber.Scrub(key, found.Wire);
        }

        if (found.Message is not { } message)
        {
            return found.WasAsked ? Failure(key, failuresBefore, found.ExtendedError)
                : AnswerBuilder.Build(key, Rcode.ServFail, [], [], key.Type, TimeSpan.Zero, found.ExtendedError)!.Value;
        }

        if (verdict?.Fails == true)
        {
            // RFC 4035 §5.5.
            return Failure(key, failuresBefore, AnswerBuilder.ErrorOption(verdict.Code, verdict.Reason));
        }

        if (scrubber.Scrub(key, message, verdict, out var error) is not { } answer)
        {
            return Failure(key, failuresBefore, AnswerBuilder.ErrorOption(ExtendedErrorCode.NoReachableAuthority, $"{found.From}: {error}"));
        }

        isSaid = true;
        return answer;
    }

    // Null for the servers of the whole world, which recursion asks.
    private string? Known(string origin) =>
        _origins.TryGetValue(origin, out var known) ? known : _origins.Count < MostOrigins ? _origins.GetOrAdd(origin, origin) : null;

    // RFC 9520 §3.2: a failure is remembered for one second at least and five minutes at most, with backoff.
    private CachedAnswer Failure(QuestionKey key, int failuresBefore, byte[] option)
    {
        var lifetime = TimeSpan.FromSeconds(Math.Min(1L << Math.Min(failuresBefore, 20), options.MaxFailureTtl.TotalSeconds));
        return AnswerBuilder.Build(key, Rcode.ServFail, [], [], key.Type, lifetime, option, failuresBefore + 1)!.Value;
    }
}

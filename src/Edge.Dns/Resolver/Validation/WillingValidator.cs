using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Resolver.Validation;

/// <summary>
/// Validates once the origin has shown that it brings what that takes: the root's keys with their signatures. Many
/// routers strip these, and behind such a one nothing would resolve. Until it is shown, answers pass unvalidated; who
/// wants validation or no answer says so in the settings.
/// </summary>
internal sealed partial class WillingValidator(IAnswerOrigin origin, IAnswerValidator validator, TimeProvider time, ILogger log) : IAnswerValidator
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);
    private static readonly QuestionKey RootKeys = new(Name.Root, RecordType.DNSKEY, QuestionKey.Flags(dnssecOk: true, checkingDisabled: true));
    private static readonly Verdict NotLooked = new(Security.Insecure);
    private volatile bool _willing;
    private bool _told;
    private long _askAgainAt;
    private int _asking;

    /// <summary>Whether answers are validated by now.</summary>
    public bool IsWilling => _willing;

    /// <inheritdoc/>
    public bool IsReady
    {
        get
        {
            if (!_willing)
            {
                AskIfDue();
            }

            return _willing;
        }
    }

    /// <inheritdoc/>
    public Task<Verdict> ValidateAsync(QuestionKey key, Message message, CancellationToken deadline)
    {
        if (_willing)
        {
            return validator.ValidateAsync(key, message, deadline);
        }

        AskIfDue();
        return Task.FromResult(NotLooked);
    }

    /// <inheritdoc/>
    public Message? Synthesise(QuestionKey key) => _willing ? validator.Synthesise(key) : null;

    /// <summary>Asks for the root's keys unless that was done a moment ago.</summary>
    public void AskIfDue()
    {
        var now = time.GetTimestamp();
        if (now < Volatile.Read(ref _askAgainAt) || Interlocked.Exchange(ref _asking, 1) != 0)
        {
            return;
        }

        Volatile.Write(ref _askAgainAt, now + (long)(Pause.TotalSeconds * time.TimestampFrequency));
        _ = Task.Run(AskAsync);
    }

    private async Task AskAsync()
    {
        try
        {
            using var deadline = new CancellationTokenSource(Patience, time);
            var found = await origin.AskAsync(RootKeys, deadline.Token).ConfigureAwait(false);
            if (found.Message is not { } message)
            {
                return;
            }

            var verdict = await validator.ValidateAsync(RootKeys, message, deadline.Token).ConfigureAwait(false);
            if (verdict.Security == Security.Secure)
            {
                _willing = true;
                Log.Validates(log, found.From);
            }
            else if (!_told)
            {
                _told = true;
                Log.CannotValidate(log, found.From, verdict.Reason);
            }
        }
        catch (Exception error)
        {
            Log.ProbeFailed(log, error);
        }
        finally
        {
            Volatile.Write(ref _asking, 0);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1345, LogLevel.Information, "{Upstream} brings signatures: answers are validated from now on (DNSSEC)")]
        public static partial void Validates(ILogger logger, string upstream);

        [LoggerMessage(1346, LogLevel.Warning, "{Upstream} does not bring the root's keys with their signatures, so answers are not validated ({Reason}); another upstream or \"dns.resolve: recursive\" would do")]
        public static partial void CannotValidate(ILogger logger, string upstream, string reason);

        [LoggerMessage(1347, LogLevel.Error, "Looking for the root's keys broke off")]
        public static partial void ProbeFailed(ILogger logger, Exception error);
    }
}

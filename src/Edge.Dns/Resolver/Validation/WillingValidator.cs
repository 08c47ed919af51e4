using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Resolver.Validation;

/// <summary>
/// Validates once the origin has shown that it brings what that takes: the root's keys with their signatures. Many
/// routers strip these, and behind such a one nothing would resolve. Until it is shown, answers pass unvalidated; who
/// wants validation or no answer says so in the settings.
/// </summary>
/// <param name="origin">Whom to ask for the root's keys.</param>
/// <param name="validator">Who judges then.</param>
/// <param name="willingness">Whether it was shown.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where it is told.</param>
internal sealed partial class WillingValidator(IAnswerOrigin origin, IAnswerValidator validator, Willingness willingness, TimeProvider time, ILogger log) : IAnswerValidator
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromMinutes(1);
    // A network that is not there yet, as after a start of the machine, may be in a moment.
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);
    private static readonly QuestionKey RootKeys = new(Name.Root, RecordType.DNSKEY, QuestionKey.Flags(dnssecOk: true, checkingDisabled: true));

    /// <inheritdoc/>
    public bool IsReady => willingness.IsShown;

    /// <inheritdoc/>
    public Task<Verdict> ValidateAsync(QuestionKey key, Message message, CancellationToken deadline) => validator.ValidateAsync(key, message, deadline);

    /// <inheritdoc/>
    public Message? Synthesise(QuestionKey key) => validator.Synthesise(key);

    /// <summary>Asks for the root's keys unless that was done a moment ago.</summary>
    public void Prepare()
    {
        if (willingness.TryStart())
        {
            _ = Task.Run(AskAsync);
        }
    }

    private async Task AskAsync()
    {
        var pause = PauseAfterFailure;
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
                willingness.Show();
                Log.Validates(log, found.From);
                return;
            }

            pause = PauseAfterRefusal;
            if (!willingness.IsRefusalTold)
            {
                willingness.IsRefusalTold = true;
                Log.CannotValidate(log, found.From, verdict.Reason);
            }
        }
        catch (Exception error)
        {
            Log.ProbeFailed(log, error);
        }
        finally
        {
            willingness.Stop(pause);
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

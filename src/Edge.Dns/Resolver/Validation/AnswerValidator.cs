using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>Judges answers by the signatures of their zones.</summary>
/// <param name="origin">Whom to ask for keys.</param>
/// <param name="state">What is known of zones.</param>
/// <param name="time">The clock: signatures are held against its wall clock.</param>
internal sealed class AnswerValidator(IAnswerOrigin origin, ValidationState state, TimeProvider time) : IAnswerValidator
{
    private readonly ChainOfTrust _chain = new(origin, state, time);

    /// <inheritdoc/>
    public async Task<Verdict> ValidateAsync(QuestionKey key, Message message, CancellationToken deadline)
    {
        // Signatures are verified by the thread pool, whoever brought the answer.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var judgement = Begin();
            var verdict = await judgement.RunAsync().ConfigureAwait(false);
            // Some servers that follow an alias to a name which is not there leave out half of the proof. Asked for that name they bring it.
            return verdict.Security == Security.Bogus && judgement.DeniedEnd is { } end && await CompleteAsync(key with { Name = end }, message, deadline).ConfigureAwait(false)
                ? await Begin().RunAsync().ConfigureAwait(false)
                : verdict;
        }
        catch (OperationCanceledException)
        {
            return new Verdict(Security.Indeterminate, ExtendedErrorCode.NoReachableAuthority, $"the keys for {key.Name} could not be had in time");
        }

        Judgement Begin() => new(key, message, _chain, state.Anchors, state.Proofs, time.GetUtcNow(), deadline);
    }

    /// <inheritdoc/>
    public Message? Synthesise(QuestionKey key) =>
        state.Proofs is { } proofs && state.Anchors.Above(key.Name, time.GetUtcNow()) is { } anchor ? proofs.Answer(key, anchor.Zone) : null;

    private async Task<bool> CompleteAsync(QuestionKey end, Message message, CancellationToken deadline)
    {
        var asked = QuestionKey.LowerCase(end.Name.Wire, end.Type, QuestionKey.Flags(dnssecOk: true, checkingDisabled: true));
        if ((await origin.AskAsync(asked, deadline).ConfigureAwait(false)).Message is not { } found)
        {
            return false;
        }

        message.Rcode = found.Rcode;
        message.Answer.AddRange(found.Answer.Except(message.Answer));
        message.Authority.AddRange(found.Authority.Except(message.Authority));
        return true;
    }
}

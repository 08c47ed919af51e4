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
            return await new Judgement(key, message, _chain, state.Anchors, state.Proofs, time.GetUtcNow(), deadline).RunAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return new Verdict(Security.Indeterminate, ExtendedErrorCode.NoReachableAuthority, $"the keys for {key.Name} could not be had in time");
        }
    }

    /// <inheritdoc/>
    public Message? Synthesise(QuestionKey key) =>
        state.Proofs is { } proofs && state.Anchors.Above(key.Name, time.GetUtcNow()) is { } anchor ? proofs.Answer(key, anchor.Zone) : null;
}

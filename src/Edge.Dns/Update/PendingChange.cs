using Edge.Dns.Wire;

namespace Edge.Dns.Update;

/// <summary>A change that waits for its turn.</summary>
internal sealed class PendingChange(Func<ChangeSet, ChangeProposal> evaluate)
{
    // Whoever waits goes on by itself: the one writer has other things to do.
    private readonly TaskCompletionSource<UpdateRefusal?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private UpdateRefusal? _refusal;

    /// <summary>Null when the change is made; else why not.</summary>
    public Task<UpdateRefusal?> Outcome => _outcome.Task;

    /// <summary>Works the change out; null when nothing is to be kept.</summary>
    public ChangeEntry? Evaluate(ChangeSet changes)
    {
        var proposal = evaluate(changes);
        _refusal = proposal.Refusal;
        return _refusal is null ? proposal.Entry : null;
    }

    /// <summary>What was worked out is so.</summary>
    public void Complete() => _outcome.TrySetResult(_refusal);

    /// <summary>Nothing was changed, and it is not the client's fault.</summary>
    public void Fail() => _outcome.TrySetResult(new UpdateRefusal(Rcode.ServFail, "the change cannot be kept on disk"));
}

using Edge.Acme;

namespace Edge.Tests.Certificates.Acme;

/// <summary>Says that it answers, and does not.</summary>
internal sealed class MuteSolver(string type) : IChallengeSolver
{
    public string Type => type;

    public bool CanSolve(ChallengeAnswer answer) => true;

    public ValueTask<IAsyncDisposable> PresentAsync(IReadOnlyList<ChallengeAnswer> answers, CancellationToken cancel) =>
        ValueTask.FromResult<IAsyncDisposable>(new Withdrawal(static () => { }));

    public ValueTask<string?> WhyNotReadyAsync(ChallengeAnswer answer, CancellationToken cancel) => ValueTask.FromResult<string?>(null);
}

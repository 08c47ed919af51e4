namespace Edge.Acme;

/// <summary>One way to answer challenges.</summary>
public interface IChallengeSolver
{
    /// <summary>The challenge's type, one of <see cref="ChallengeType"/>.</summary>
    string Type { get; }

    /// <summary>Whether this kind of name can be proven in this way at all.</summary>
    bool CanSolve(ChallengeAnswer answer);

    /// <summary>Shows answers together; disposing what it returns takes exactly these away again.</summary>
    /// <exception cref="IssuanceException">They cannot be shown; the message says why. Another way is tried then.</exception>
    ValueTask<IAsyncDisposable> PresentAsync(IReadOnlyList<ChallengeAnswer> answers, CancellationToken cancel);

    /// <summary>Looks at the answer as the CA will, before the CA is told. Null when it is there, else what is wrong.</summary>
    ValueTask<string?> WhyNotReadyAsync(ChallengeAnswer answer, CancellationToken cancel);
}

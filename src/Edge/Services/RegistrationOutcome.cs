namespace Edge.Services;

/// <summary>What became of a request about a registration: a state, or a problem and nothing changed.</summary>
internal sealed record RegistrationOutcome
{
    public ProblemDocument? Problem { get; init; }

    public RegistrationState? State { get; init; }

    /// <summary>True when it was not there before.</summary>
    public bool Created { get; init; }

    /// <summary>False when it is stored but not yet served by everybody.</summary>
    public bool Live { get; init; } = true;

    public static implicit operator RegistrationOutcome(ProblemDocument problem) => new() { Problem = problem };
}

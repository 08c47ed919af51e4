namespace Edge.Acme;

/// <summary>The CA refused a request, or an order came to nothing.</summary>
/// <param name="problem">What the CA said.</param>
/// <param name="retryAfter">When it said to come back; null when it did not.</param>
internal sealed class AcmeException(AcmeProblem problem, TimeSpan? retryAfter = null) : Exception(problem.ToString())
{
    public AcmeProblem Problem { get; } = problem;

    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>The challenge that failed, where it was one: another way may do for that name.</summary>
    public FailedChallenge? Challenge { get; init; }
}

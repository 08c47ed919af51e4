namespace Edge.Acme;

/// <summary>
/// How long to wait after the n-th failure: soon at first, because most failures pass, then longer, because a CA
/// counts them; never longer than six hours and never the end.
/// </summary>
/// <param name="Unit">One minute; shorter in tests.</param>
internal sealed record RetryLadder(TimeSpan Unit)
{
    private static readonly int[] Steps = [1, 2, 2, 5, 10, 10, 10, 20, 20, 20, 20, 30, 30, 30, 30, 30, 60, 60, 60, 120, 120, 180, 180, 360];

    // After two quick ones: five within an hour, and three in each further one.
    private const int CountedStep = 20;

    public static readonly RetryLadder Minutes = new(TimeSpan.FromMinutes(1));

    /// <summary>The longest step, for refusals that only a changed configuration ends.</summary>
    public TimeSpan Longest => Unit * Steps[^1];

    /// <param name="failures">Failures so far, 1 for the first.</param>
    public TimeSpan Wait(int failures) => Unit * Steps[Math.Clamp(failures, 1, Steps.Length) - 1];

    /// <summary>The same where the CA looked and counted it: many do not look again for an hour after five failures within one.</summary>
    public TimeSpan WaitCounted(int failures) => failures > 2 && Wait(failures) < Unit * CountedStep ? Unit * CountedStep : Wait(failures);
}

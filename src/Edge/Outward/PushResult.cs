namespace Edge.Outward;

/// <summary>What became of a push, and why.</summary>
/// <param name="Outcome">What.</param>
/// <param name="Why">In words; holds no secret.</param>
/// <param name="After">How long the other side wants to hear nothing; null when it did not say.</param>
internal sealed record PushResult(PushOutcome Outcome, string Why = "", TimeSpan? After = null)
{
    public static PushResult Failed(string why, TimeSpan? after = null) => new(PushOutcome.Failed, why, after);

    public static PushResult Refused(string why) => new(PushOutcome.Refused, why);
}

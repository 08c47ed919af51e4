namespace Edge.Outward;

/// <summary>When the other side is asked: at a change, after a failure ever later, and else once a day.</summary>
/// <param name="random">Gives a number from 0 to 1: boxes that failed together do not come again together.</param>
internal sealed class PushSchedule(Func<double> random)
{
    /// <summary>How often is looked whether what was sent is there still.</summary>
    public static readonly TimeSpan Daily = TimeSpan.FromDays(1);

    /// <summary>How long after a failure it is tried again.</summary>
    public static readonly TimeSpan First = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>Whether a name is to be pushed now.</summary>
    /// <param name="state">What is known of it; null for nothing.</param>
    /// <param name="basis">A digest of the settings and the secret now.</param>
    /// <param name="wanted">What it is to have.</param>
    /// <param name="now">The time.</param>
    /// <param name="passed">How long ago it was pushed, by a clock that nobody sets.</param>
    public static bool IsDue(PushState? state, string basis, PushedAddresses wanted, DateTimeOffset now, TimeSpan passed)
    {
        // A clock that was set back delays nothing; one that stood still while the machine slept does neither.
        bool IsOver(DateTimeOffset time) => time <= now || passed >= time - state!.Looked;
        return !wanted.IsEmpty && state switch
        {
            null => true,
            _ when state.Basis != basis => true,
            { Outcome: PushOutcome.Refused } => false,
            { Outcome: PushOutcome.Failed } => IsOver(state.Next) || (state.Tried != wanted && IsOver(state.Earliest)),
            { Outcome: PushOutcome.Foreign } => IsOver(state.Next),
            _ => state.Sent != wanted || IsOver(state.Next),
        };
    }

    /// <summary>When it is asked again.</summary>
    /// <param name="result">What it said.</param>
    /// <param name="failures">How often in a row it did not work, this time included.</param>
    /// <param name="now">The time.</param>
    public DateTimeOffset Next(PushResult result, int failures, DateTimeOffset now)
    {
        if (result.Outcome != PushOutcome.Failed)
        {
            return now + Jittered(Daily);
        }

        var own = TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << Math.Min(failures - 1, 10)));
        return now + Jittered(result.After > own ? result.After.Value : own);
    }

    // Never sooner than was asked for.
    private TimeSpan Jittered(TimeSpan time) => time * (1 + (0.2 * random()));
}

namespace Edge.Dns.Signing;

/// <summary>
/// How many proofs for names that do not exist may be made in a second: a flood of random names would otherwise cost a
/// signature for each of them. Unused ones add up to two seconds' worth. Without a lock: an error of a few is none.
/// </summary>
/// <param name="perSecond">A signature costs about 30 microseconds; thus many percent of one core: perSecond / 333.</param>
/// <param name="time">The clock, which only has to run forward.</param>
internal sealed class SigningBudget(int perSecond, TimeProvider time)
{
    private readonly long _perProof = Math.Max(1, time.TimestampFrequency / perSecond);
    private readonly long _most = time.TimestampFrequency * 2;
    private long _spentUntil;

    /// <summary>Takes one; false when there are none left.</summary>
    public bool TryTake()
    {
        // What was taken is written as a moment up to which it is paid for.
        var now = time.GetTimestamp();
        var until = Volatile.Read(ref _spentUntil);
        var next = Math.Max(until, now - _most) + _perProof;
        if (next > now)
        {
            return false;
        }

        Interlocked.CompareExchange(ref _spentUntil, next, until);
        return true;
    }
}

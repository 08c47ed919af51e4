namespace Edge.PortMapping;

/// <summary>The seconds that a router says it has kept its mappings; they tell when it has lost them.</summary>
/// <param name="isForgotten">Given the epoch before and now, and the seconds that have passed here: whether mappings were lost.</param>
/// <param name="time">The clock.</param>
internal sealed class RouterEpoch(Func<uint, uint, double, bool> isForgotten, TimeProvider time)
{
    private (uint Epoch, long At)? _before;

    /// <summary>RFC 6887 section 8.5.</summary>
    public static bool IsPcpForgotten(uint before, uint now, double passed)
    {
        if (now + 1.0 < before)
        {
            return true;
        }

        var theirs = (double)now - before;
        return passed + 2 < theirs - (theirs / 16) || theirs + 2 < passed - (passed / 16);
    }

    /// <summary>RFC 6886 section 3.6: less than seven eighths of the time that has passed, by more than two seconds.</summary>
    public static bool IsNatPmpForgotten(uint before, uint now, double passed) => now + 2.0 < before + (passed * 7 / 8);

    /// <summary>Takes note of an epoch; true when mappings were lost since the one before.</summary>
    public bool Take(uint epoch)
    {
        var now = time.GetTimestamp();
        var forgotten = _before is var (before, at) && isForgotten(before, epoch, time.GetElapsedTime(at, now).TotalSeconds);
        _before = (epoch, now);
        return forgotten;
    }
}

using System.Diagnostics;

namespace Edge.Gateway;

/// <summary>
/// Keeps one dead destination from filling the log: so many failed requests of a route get a line of their own, the others
/// of these seconds are counted and told together. The access log has each.
/// </summary>
/// <param name="most">Lines in one window.</param>
internal sealed class FailureLines(int most = FailureLines.Most)
{
    /// <summary>Lines in one window where nothing else is said.</summary>
    public const int Most = 10;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private long _begin = Stopwatch.GetTimestamp();
    private int _told;
    private int _hidden;

    /// <summary>Whether a failure gets a line.</summary>
    /// <param name="hidden">So many before it got none, and are to be told now.</param>
    public bool MayTell(out int hidden)
    {
        hidden = 0;
        var begin = Volatile.Read(ref _begin);
        if (Stopwatch.GetElapsedTime(begin) >= Window && Interlocked.CompareExchange(ref _begin, Stopwatch.GetTimestamp(), begin) == begin)
        {
            hidden = Interlocked.Exchange(ref _hidden, 0);
            Volatile.Write(ref _told, 0);
        }

        if (Interlocked.Increment(ref _told) <= most)
        {
            return true;
        }

        Interlocked.Increment(ref _hidden);
        return false;
    }
}

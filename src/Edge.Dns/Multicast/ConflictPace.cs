namespace Edge.Dns.Multicast;

/// <summary>
/// How fast names are looked for while others object (RFC 6762 §8.1): fifteen conflicts within ten seconds are a fault or a
/// malice, and from then on five seconds pass before each probe, until ten seconds go by without a conflict.
/// </summary>
internal sealed class ConflictPace
{
    private const int Many = 15;

    private static readonly TimeSpan Span = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    // The last of them, fifteen at most.
    private readonly Queue<TimeSpan> _last = [];
    private TimeSpan _latest;
    private bool _isSlow;

    public void Note(TimeSpan now)
    {
        _isSlow &= now - _latest <= Span;
        _latest = now;
        _last.Enqueue(now);
        if (_last.Count >= Many)
        {
            _isSlow |= now - _last.Peek() <= Span;
            _last.Dequeue();
        }
    }

    /// <summary>When a probe that was to begin then may begin.</summary>
    public TimeSpan From(TimeSpan from, TimeSpan now) => _isSlow && now - _latest <= Span ? from + Pause : from;
}

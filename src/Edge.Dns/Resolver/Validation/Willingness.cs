namespace Edge.Dns.Resolver.Validation;

/// <summary>Whether an origin has shown that answers can be validated with it. It stays as long as that origin and the trust anchors do.</summary>
/// <param name="begun">Called once, when it has.</param>
/// <param name="time">The clock.</param>
internal sealed class Willingness(Action begun, TimeProvider time)
{
    private volatile bool _isShown;
    private long _askAgainAt = long.MinValue;
    private int _asking;

    /// <summary>Whether it was shown.</summary>
    public bool IsShown => _isShown;

    /// <summary>Whether it was told that it cannot be done.</summary>
    public bool IsRefusalTold { get; set; }

    /// <summary>True for one who is to look now, and then says how it ended.</summary>
    public bool TryStart() =>
        !_isShown && time.GetTimestamp() >= Volatile.Read(ref _askAgainAt) && Interlocked.Exchange(ref _asking, 1) == 0;

    /// <summary>It could not be shown; somebody may look again after a while.</summary>
    public void Stop(TimeSpan pause)
    {
        Volatile.Write(ref _askAgainAt, time.GetTimestamp() + (long)(pause.TotalSeconds * time.TimestampFrequency));
        Volatile.Write(ref _asking, 0);
    }

    /// <summary>It was shown.</summary>
    public void Show()
    {
        _isShown = true;
        begun();
    }
}

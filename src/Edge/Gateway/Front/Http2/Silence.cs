namespace Edge.Gateway.Front.Http2;

/// <summary>Since when a client says nothing, in timestamps.</summary>
internal sealed class Silence(long now)
{
    // The web server's times: see GatewayListeners.
    private static readonly TimeSpan LongestHead = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Ask = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Reading = TimeSpan.FromSeconds(15);

    private long _heard = now;
    private long _rests = now;
    private long _head;
    private bool _isAsked;

    /// <summary>Whether it may be long enough to mean something. From any thread.</summary>
    public bool MayBeLong(TimeProvider time, long now) =>
        Volatile.Read(ref _head) != 0 || time.GetElapsedTime(Volatile.Read(ref _heard), now) >= LongestHead || time.GetElapsedTime(Volatile.Read(ref _rests), now) >= FrontWatch.LongestRest;

    /// <summary>The client has said something.</summary>
    /// <param name="now">The time.</param>
    /// <param name="isInHead">It has begun a request, and has to come to its end.</param>
    public void Ends(long now, bool isInHead)
    {
        Volatile.Write(ref _heard, now);
        Volatile.Write(ref _head, !isInHead ? 0 : _head == 0 ? now : _head);
        _isAsked = false;
    }

    /// <summary>Nothing is under way any more.</summary>
    public void Rests(long now) => Volatile.Write(ref _rests, now);

    /// <summary>Whether the last answer has ended so lately that the client may be reading it still.</summary>
    public bool MayBeReading(TimeProvider time, long now) => time.GetElapsedTime(_rests, now) < Reading;

    /// <summary>What it means.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="now">The time.</param>
    /// <param name="rests">Nothing is under way.</param>
    public SilenceKind Of(TimeProvider time, long now, bool rests)
    {
        var heard = time.GetElapsedTime(_heard, now);
        if ((_head != 0 && time.GetElapsedTime(_head, now) >= LongestHead) || (_isAsked && heard >= Ask + Answer))
        {
            return SilenceKind.Dead;
        }

        if (rests && time.GetElapsedTime(_rests, now) >= FrontWatch.LongestRest)
        {
            return SilenceKind.Rest;
        }

        if (heard >= Ask && !_isAsked)
        {
            _isAsked = true;
            return SilenceKind.Long;
        }

        return SilenceKind.None;
    }
}

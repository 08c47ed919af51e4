using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>
/// Finds out whether an upstream that has fallen silent is down, and when it is back: every second for the first
/// minute, more seldom after that, and at once when somebody needs it.
/// </summary>
internal sealed class UpstreamProbe(Upstream upstream, Name zone, UpstreamParts parts) : Alarm, IAttemptOwner, IDisposable
{
    private const int QuickProbes = 60;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan UsualPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(8);

    // Any resolver can answer for the root; the servers of a zone answer for that, and maybe for nothing else while the
    // internet is away. REFUSED is a sign of life as well.
    private readonly QuestionKey _question = new(zone, zone.IsRoot ? RecordType.NS : RecordType.SOA, 0);
    private readonly Lock _gate = new();
    private bool _active;
    private bool _asking;
    private bool _ended;
    private int _failures;
    private long _askedAt;

    /// <summary>Begins, unless it is at it: now when it is unknown whether the upstream lives, in a moment when it is known to be down.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_active || _ended)
            {
                return;
            }

            (_active, _failures) = (true, 0);
        }

        if (upstream.IsDown)
        {
            parts.Clock.Set(this, FirstPause);
        }
        else
        {
            OnAlarm();
        }
    }

    /// <summary>Asks now instead of later, if the last time is a moment ago.</summary>
    public void Hurry()
    {
        lock (_gate)
        {
            if (!_active || _asking || _ended || parts.Time.GetElapsedTime(_askedAt) < FirstPause)
            {
                return;
            }
        }

        parts.Clock.Set(this, TimeSpan.Zero);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
        }

        parts.Clock.Stop(this);
    }

    protected internal override void OnAlarm()
    {
        lock (_gate)
        {
            if (_asking || _ended)
            {
                return;
            }

            _asking = true;
            _askedAt = parts.Time.GetTimestamp();
        }

        upstream.Ask(upstream.Begin(_question, 0, this), Timeout);
    }

    void IAttemptOwner.OnReply(UpstreamAttempt attempt, in UpstreamReply reply)
    {
        var lives = reply.Kind == ReplyKind.Message || (!upstream.IsDown && upstream.HasAnsweredSince(_askedAt));
        TimeSpan pause;
        lock (_gate)
        {
            _asking = false;
            _active = !lives && !_ended;
            _failures++;
            // From start to start, so that a probe that waited in vain is followed by the next one.
            pause = Pause() - parts.Time.GetElapsedTime(_askedAt);
        }

        if (!lives)
        {
            upstream.MarkDown(reply.Error ?? "no reply");
            parts.Clock.Set(this, pause > TimeSpan.Zero ? pause : TimeSpan.Zero);
        }
    }

    private TimeSpan Pause()
    {
        if (_failures <= 2)
        {
            return FirstPause * _failures;
        }

        var doublings = Math.Max(0, _failures - QuickProbes);
        return doublings >= 3 ? LongestPause : UsualPause * (1 << doublings);
    }
}

using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>
/// What is known of one name server's address: how quick it is, whether it lives, what it does not understand, and
/// for which zones it is lame. Times are milliseconds of the clock.
/// </summary>
internal sealed class ServerState(IPAddress address)
{
    /// <summary>Bytes one takes in memory, roughly.</summary>
    public const int Cost = 400;

    // RFC 6298 §2 for the estimates; the first timeout leaves room for a server on the other side of the world.
    private const double FirstTimeout = 500;
    private const double ShortestTimeout = 100;
    private const double LongestTimeout = 2000;
    private const int SilentWhenUnanswered = 3;
    private const long ProbePause = 1000;
    private const long UnreachableFor = 5000;
    private const long LameFor = 60_000;
    private const long PlainFor = 600_000;
    private const long ForgottenAfter = 900_000;
    private const int MaxLameZones = 32;

    private readonly Lock _gate = new();
    private readonly Dictionary<Name, long> _lame = new(NameKeys.Instance);
    private double _smoothed = -1;
    private double _variation;
    private double _timeout = FirstTimeout;
    private int _unanswered;
    private long _lastReplyAt = -1;
    private long _lastUseAt;
    private long _nextProbeAt;
    private long _unreachableUntil;
    private long _plainUntil;
    private long _lowerCaseUntil;

    public IPAddress Address { get; } = address;

    /// <summary>Whether queries go without EDNS, since it said it does not know that.</summary>
    public bool IsPlain(long now) => now < Volatile.Read(ref _plainUntil);

    /// <summary>Whether names are sent in lower case, since it does not send back the case it gets.</summary>
    public bool IsLowerCase(long now) => now < Volatile.Read(ref _lowerCaseUntil);

    public void SetPlain(long now) => Volatile.Write(ref _plainUntil, now + PlainFor);

    public void SetLowerCase(long now) => Volatile.Write(ref _lowerCaseUntil, now + PlainFor);

    /// <summary>Expected milliseconds to its answer, timeouts counted as slowness; null when it was not asked of late.</summary>
    public double? Expected(long now)
    {
        lock (_gate)
        {
            if (_lastUseAt + ForgottenAfter < now)
            {
                _smoothed = -1;
                _unanswered = 0;
                _timeout = FirstTimeout;
            }

            return _unanswered > 0 ? _timeout : _smoothed < 0 ? null : _smoothed;
        }
    }

    /// <summary>How long to wait for its answer.</summary>
    public TimeSpan Timeout
    {
        get
        {
            lock (_gate)
            {
                return TimeSpan.FromMilliseconds(_timeout);
            }
        }
    }

    public bool IsSilent(long now)
    {
        lock (_gate)
        {
            return _unanswered >= SilentWhenUnanswered || now < _unreachableUntil;
        }
    }

    /// <summary>Whether one query may see if a silent server lives again: one per second, whoever asks.</summary>
    public bool TryProbe(long now)
    {
        lock (_gate)
        {
            if (now < _nextProbeAt)
            {
                return false;
            }

            _nextProbeAt = now + ProbePause;
            return true;
        }
    }

    public void OnReply(long sentAt, long now)
    {
        lock (_gate)
        {
            double took = now - sentAt;
            _variation = _smoothed < 0 ? took / 2 : (_variation * 3 / 4) + (Math.Abs(_smoothed - took) / 4);
            _smoothed = _smoothed < 0 ? took : (_smoothed * 7 / 8) + (took / 8);
            _timeout = Math.Clamp(_smoothed + (4 * _variation), ShortestTimeout, LongestTimeout);
            _unanswered = 0;
            _unreachableUntil = 0;
            _lastReplyAt = _lastUseAt = now;
        }
    }

    public void OnTimeout(long sentAt, long now)
    {
        lock (_gate)
        {
            _lastUseAt = now;
            // An answer to somebody else meanwhile: only this question is slow.
            if (_lastReplyAt <= sentAt)
            {
                _unanswered++;
                _timeout = Math.Min(_timeout * 2, LongestTimeout);
                _nextProbeAt = now + ProbePause;
            }
        }
    }

    public void OnUnreachable(long now)
    {
        lock (_gate)
        {
            _lastUseAt = now;
            _unreachableUntil = now + UnreachableFor;
            _nextProbeAt = now + ProbePause;
        }
    }

    public void SetLame(Name zone, long now)
    {
        lock (_gate)
        {
            if (_lame.Count >= MaxLameZones)
            {
                _lame.Clear();
            }

            _lame[zone] = now + LameFor;
        }
    }

    public bool IsLame(Name zone, long now)
    {
        lock (_gate)
        {
            return _lame.Count > 0 && _lame.TryGetValue(zone, out var until) && now < until;
        }
    }
}

using Edge.Dns.Nameserver;
using Microsoft.Extensions.Logging;

namespace Edge.Names;

/// <summary>Says once a minute, as long as it is so, that answers were held back: a flood, or a limit that is too low.</summary>
internal sealed partial class RateLimitReport : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly RateLimiter _limiter;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private long _dropped;
    private long _slipped;

    public RateLimitReport(RateLimiter limiter, TimeProvider time, ILogger log)
    {
        (_limiter, _log) = (limiter, log);
        _timer = time.CreateTimer(_ => Tell(), null, Interval, Interval);
    }

    public void Dispose() => _timer.Dispose();

    private void Tell()
    {
        var (dropped, slipped) = (_limiter.Dropped, _limiter.Slipped);
        if (dropped + slipped > _dropped + _slipped)
        {
            Log.Limited(_log, dropped - _dropped, slipped - _slipped, _limiter.LastLimited);
            (_dropped, _slipped) = (dropped, slipped);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3052, LogLevel.Warning, "The rate limit held back {Dropped} answers and cut {Slipped} short in the last minute, lately for {Network}; see dns.rate-limit")]
        public static partial void Limited(ILogger log, long dropped, long slipped, string network);
    }
}

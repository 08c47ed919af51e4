using Microsoft.Extensions.Logging;

namespace Edge.Dns.Nameserver;

/// <summary>
/// Lets a few lines about refusals into the log in each minute, since strangers can bring about as many as they like, and
/// says at the minute's end how many more there were.
/// </summary>
/// <param name="what">What is refused, as the log calls it: "updates".</param>
/// <param name="time">Measures the minute.</param>
/// <param name="logger">Told how many lines were held back.</param>
internal sealed partial class RefusalLimit(string what, TimeProvider time, ILogger logger)
{
    /// <summary>So many lines a minute.</summary>
    public const int Lines = 5;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private ITimer? _end;
    private int _passed;
    private long _heldBack;

    /// <summary>Whether the next refusal is worth a line; counts it if not.</summary>
    public bool Passes()
    {
        lock (_gate)
        {
            // The minute begins with its first line.
            _end ??= time.CreateTimer(_ => EndMinute(), null, Minute, Timeout.InfiniteTimeSpan);
            if (_passed < Lines)
            {
                _passed++;
                return true;
            }

            _heldBack++;
            return false;
        }
    }

    private void EndMinute()
    {
        long heldBack;
        lock (_gate)
        {
            heldBack = _heldBack;
            _end?.Dispose();
            (_end, _passed, _heldBack) = (null, 0, 0);
        }

        if (heldBack > 0)
        {
            Log.HeldBack(logger, heldBack, what);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1202, LogLevel.Warning, "{Count} more {What} were refused in the last minute")]
        public static partial void HeldBack(ILogger logger, long count, string what);
    }
}

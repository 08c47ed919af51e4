using System.Collections.Immutable;
using Edge.Services;
using Microsoft.Extensions.Logging;

namespace Edge.Names;

/// <summary>
/// The services for those who tell others of them. It is told of every change on the way of that change, and takes note only; what
/// follows comes a moment later, so that a thousand changes are one.
/// </summary>
internal sealed partial class SettledServices : IServiceReader, IDisposable
{
    // Each takes part in every answer to who looks for web services.
    private const int Most = 200;

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    private readonly ILogger _log;
    private readonly FirstServices _first = new(Most);
    private readonly ITimer _timer;
    private volatile ServiceSet _services = ServiceSet.Empty;
    private int _isDue;
    private bool _isTold;

    /// <param name="time">The clock.</param>
    /// <param name="log">Told when there are too many.</param>
    public SettledServices(TimeProvider time, ILogger log)
    {
        _log = log;
        _timer = time.CreateTimer(_ => Tell(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Raised a moment after services have changed.</summary>
    public event Action? Changed;

    /// <summary>The services now, by name, and no more of them than others can be told of.</summary>
    public ImmutableArray<Service> Services
    {
        get
        {
            lock (_first)
            {
                return _first.Of(_services);
            }
        }
    }

    public void Apply(ServiceSet services)
    {
        _services = services;
        if (Interlocked.Exchange(ref _isDue, 1) == 0)
        {
            _timer.Change(Moment, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Tell()
    {
        Volatile.Write(ref _isDue, 0);
        if (_services.Count > Most && !_isTold)
        {
            _isTold = true;
            Log.TooMany(_log, _services.Count, Most);
        }

        try
        {
            Changed?.Invoke();
        }
        catch (Exception unexpected)
        {
            Log.Failed(_log, unexpected);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3203, LogLevel.Error, "Others could not be told of services that have changed; the next change tells them")]
        public static partial void Failed(ILogger log, Exception error);

        [LoggerMessage(3201, LogLevel.Warning, "There are {Count} services; mDNS and service discovery tell of the first {Most} by name, so that the LAN is not filled with them")]
        public static partial void TooMany(ILogger log, int count, int most);
    }
}

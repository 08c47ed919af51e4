using System.Collections.Concurrent;
using Edge.Gateway.Front;
using Microsoft.AspNetCore.Connections;

namespace Edge.Gateway;

/// <summary>
/// Ends connections of HTTP/2 whose client takes nothing of the answers. Who waits for such a client reads nothing more
/// from it, so that it is neither found silent (RFC 9113 section 6.7) nor at rest. The web server's own limit, its least rate, is no end either:
/// it takes what lies in the system's buffers for taken, and gives a client an hour for each megabyte that was.
/// </summary>
internal sealed class UntakenWatch : IDisposable
{
    /// <summary>So long what waits may wait: mostly 64 to 190 KiB, so that a line is slow enough to be ended below some 650 bytes a second.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Untaken, bool> _all = new(ReferenceEqualityComparer.Instance);
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private int _armed;
    private volatile bool _over;

    public UntakenWatch(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static watch => ((UntakenWatch)watch!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The time as a timestamp.</summary>
    public long Now => _time.GetTimestamp();

    /// <summary>Puts it before the web server. Answers of HTTP/1.1 have the time of their routes: a client that stops in one may want the rest of it later.</summary>
    public ConnectionDelegate Before(ConnectionDelegate next) => connection => FrontDoor.IsHttp2(connection) ? ServeAsync(connection, next) : next(connection);

    public void Add(Untaken client)
    {
        _all[client] = true;
        Arm();
    }

    public void Remove(Untaken client) => _all.TryRemove(client, out _);

    public void Dispose()
    {
        _over = true;
        _timer.Dispose();
    }

    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var (transport, untaken) = (connection.Transport, new Untaken(connection, this));
        connection.Transport = new UntakenOutput(transport, untaken);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            connection.Transport = transport;
            untaken.Leave();
        }
    }

    private void Look()
    {
        Volatile.Write(ref _armed, 0);
        var now = Now;
        foreach (var (client, _) in _all)
        {
            client.Look(_time, now);
        }

        if (!_all.IsEmpty)
        {
            Arm();
        }
    }

    private void Arm()
    {
        if (!_over && Interlocked.Exchange(ref _armed, 1) == 0)
        {
            _timer.Change(Pace, Timeout.InfiniteTimeSpan);
        }
    }
}

using Microsoft.AspNetCore.Connections;

namespace Edge.Gateway;

/// <summary>Since when a client takes nothing of what waits for it.</summary>
internal sealed class Untaken(ConnectionContext connection, UntakenWatch watch)
{
    // A timestamp; 0 where nothing waits.
    private long _since;
    private bool _isWatched;

    /// <summary>Something has to wait for the client. From one thread at a time.</summary>
    public void Begin()
    {
        Volatile.Write(ref _since, watch.Now);
        if (!_isWatched)
        {
            _isWatched = true;
            watch.Add(this);
        }
    }

    /// <summary>The client has taken it.</summary>
    public void End() => Volatile.Write(ref _since, 0);

    /// <summary>The connection is over.</summary>
    public void Leave()
    {
        _isWatched = true;
        watch.Remove(this);
    }

    /// <summary>Ends the connection when it has waited for too long. From any thread.</summary>
    public void Look(TimeProvider time, long now)
    {
        if (Volatile.Read(ref _since) is not 0 and var since && time.GetElapsedTime(since, now) >= UntakenWatch.Patience)
        {
            connection.Abort(new ConnectionAbortedException("The client takes nothing of what it was sent."));
        }
    }
}

using System.Collections.Immutable;

namespace Edge.Connections;

/// <summary>The event loops of this process: one for each core it may use. They start with the first listener.</summary>
internal sealed class EventLoops(ILogger<EventLoops> logger) : IDisposable
{
    private readonly Lock _starting = new();
    private ImmutableArray<EventLoop> _all = [];
    private uint _next;

    /// <summary>All loops, running.</summary>
    public ImmutableArray<EventLoop> All
    {
        get
        {
            lock (_starting)
            {
                if (_all.IsEmpty)
                {
                    _all = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(number => new EventLoop(number, logger))];
                }

                return _all;
            }
        }
    }

    /// <summary>The loop of this thread, or else each in turn.</summary>
    public EventLoop ForNewConnection()
    {
        var all = All;
        return EventLoop.Current is { } own && all.Contains(own) ? own : all[(int)(Interlocked.Increment(ref _next) % (uint)all.Length)];
    }

    public void Dispose()
    {
        lock (_starting)
        {
            foreach (var loop in _all)
            {
                loop.Stop();
            }

            _all = [];
        }
    }
}

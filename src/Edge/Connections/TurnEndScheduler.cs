using System.IO.Pipelines;

namespace Edge.Connections;

/// <summary>
/// Runs the reader of a pipe when the turn of the loop ends, so that it finds all that was written in the turn. What a
/// thread of the pool has written (HTTP/2 answers there) it sends itself when it has nothing else to do for the moment:
/// to wake the loop would cost more.
/// </summary>
internal sealed class TurnEndScheduler(EventLoop loop) : PipeScheduler
{
    public override void Schedule(Action<object?> action, object? state)
    {
        if (EventLoop.Current == loop)
        {
            loop.PostToTurnEnd(action, state);
        }
        else
        {
            System.Threading.ThreadPool.UnsafeQueueUserWorkItem(static work => work.action(work.state), (action, state), preferLocal: true);
        }
    }
}

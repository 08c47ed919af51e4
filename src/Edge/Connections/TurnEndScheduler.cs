using System.IO.Pipelines;

namespace Edge.Connections;

/// <summary>
/// Runs the reader of a pipe when the turn of the loop ends, so that it finds all that was written in the turn. What a
/// thread of the pool has written (HTTP/2 answers there) it sends itself when it has nothing else to do for the moment:
/// to wake the loop would cost more.
/// </summary>
internal sealed class TurnEndScheduler(EventLoop loop) : PipeScheduler
{
    // What runs when the turn ends. On the loop's thread alone.
    private Action<object?>? _action;
    private object? _state;

    public override void Schedule(Action<object?> action, object? state)
    {
        if (EventLoop.Current != loop)
        {
            System.Threading.ThreadPool.UnsafeQueueUserWorkItem(static work => work.action(work.state), (action, state), preferLocal: true);
        }
        else if (_action is null)
        {
            (_action, _state) = (action, state);
            loop.PostToTurnEnd(static turn => ((TurnEndScheduler)turn!).Run(), this);
        }
        else
        {
            loop.PostToTurnEnd(action, state);
        }
    }

    /// <summary>Runs it before the turn ends. Nothing on any other thread.</summary>
    public void RunNow()
    {
        if (EventLoop.Current == loop)
        {
            Run();
        }
    }

    private void Run()
    {
        if (_action is { } action)
        {
            var state = _state;
            (_action, _state) = (null, null);
            action(state);
        }
    }
}

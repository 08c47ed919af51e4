using System.IO.Pipelines;

namespace Edge.Connections;

/// <summary>Runs the reader or the writer of a pipe on a loop's thread, never within the call that sets it going.</summary>
internal sealed class LoopScheduler(EventLoop loop) : PipeScheduler
{
    public override void Schedule(Action<object?> action, object? state) => loop.Post(action, state);
}

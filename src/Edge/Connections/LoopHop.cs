using System.Runtime.CompilerServices;

namespace Edge.Connections;

/// <summary>Awaited, it goes on on a loop's thread: at once where that is this thread, or else in the loop's next turn. Without a loop it goes on at once.</summary>
internal readonly struct LoopHop(EventLoop? loop) : ICriticalNotifyCompletion
{
    public bool IsCompleted => loop is null || EventLoop.Current == loop;

    public LoopHop GetAwaiter() => this;

    public void GetResult()
    {
        // There is none.
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation) => loop!.Post(static work => ((Action)work!)(), continuation);
}

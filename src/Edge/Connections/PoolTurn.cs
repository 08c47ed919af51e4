using System.Collections.Concurrent;

namespace Edge.Connections;

/// <summary>
/// The end of a turn for the threads of the pool, on which HTTP/2 is handled: what they send while more work waits leaves
/// together, once that work has run. Each send by itself would wake the processor of the peers anew.
/// </summary>
internal sealed class PoolTurn : IThreadPoolWorkItem
{
    // With more than this before it the end of the turn is too far away: some of that work may block.
    private const int MostWaiting = 32;

    private readonly ConcurrentQueue<LoopSender> _unsent = new();
    private int _ends;

    /// <summary>The one of this process, as there is one pool.</summary>
    public static PoolTurn Shared { get; } = new();

    /// <summary>Whether work waits that may send something as well, and not too much. Otherwise there is nothing to wait for.</summary>
    public static bool GoesOn => ThreadPool.PendingWorkItemCount is > 0 and <= MostWaiting;

    /// <summary>Has a socket send what it holds back when the work that waits now has run. From any thread.</summary>
    public void SendAtEnd(LoopSender sender)
    {
        _unsent.Enqueue(sender);
        if (Interlocked.Exchange(ref _ends, 1) == 0)
        {
            // Behind everything that waits: the pool takes that first.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        // Who comes from now on asks for another end.
        Interlocked.Exchange(ref _ends, 0);
        while (_unsent.TryDequeue(out var sender))
        {
            sender.SendHeld();
        }
    }
}

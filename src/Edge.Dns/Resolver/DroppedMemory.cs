namespace Edge.Dns.Resolver;

/// <summary>
/// Large blocks that were let go are memory in use until the oldest generation is collected, which the runtime puts off
/// while it sees little new in the small ones. Here it is asked to, whenever enough has been let go; since the blocks hold no
/// references it then has little to look at, and does it beside the threads that work.
/// </summary>
internal sealed class DroppedMemory(long limit)
{
    private const int OldestGeneration = 2;

    private static readonly Action<object?> Collect =
        static _ => GC.Collect(OldestGeneration, GCCollectionMode.Forced, blocking: false);

    private long _bytes;
    private int _collections;

    /// <summary>Takes note of what was let go; called by one thread at a time.</summary>
    public void Add(int bytes)
    {
        var collections = GC.CollectionCount(OldestGeneration);
        _bytes = (collections == _collections ? _bytes : 0) + bytes;
        _collections = collections;
        if (_bytes >= limit)
        {
            _bytes = 0;
            // Who puts an answer into the cache does not wait for it.
            ThreadPool.UnsafeQueueUserWorkItem(Collect, null, preferLocal: false);
        }
    }
}

namespace Edge.Stores;

/// <summary>
/// The locks of a store of one box. There the fleet is this process: a lock is held until it is disposed or the process
/// ends, however that happens, and needs no time to live.
/// </summary>
internal sealed class NamedLocks
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _held = [];

    /// <summary>Takes a lock; null when somebody has it.</summary>
    public IAsyncDisposable? TryTake(string name)
    {
        lock (_lock)
        {
            return _held.Add(name) ? new HeldLock(() => GiveBack(name)) : null;
        }
    }

    private void GiveBack(string name)
    {
        lock (_lock)
        {
            _held.Remove(name);
        }
    }
}

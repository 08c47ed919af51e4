using Edge.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Tests.Stores;

/// <summary>A store whose writes are looked at, and fail when whoever looks throws.</summary>
internal sealed class WatchedStore(TimeProvider time, Action<StoreBatch, int>? writing = null) : EmbeddedStore(StoreImage.Empty, [], 0, time, NullLogger.Instance)
{
    private readonly List<StoreBatch> _writes = [];

    /// <summary>What was written, each time together.</summary>
    public IReadOnlyList<StoreBatch> Writes => _writes;

    protected override void Persist(StoreBatch batch, StoreImage before)
    {
        _writes.Add(batch);
        writing?.Invoke(batch, _writes.Count);
    }

    protected override void Close()
    {
    }
}

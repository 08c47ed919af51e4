using Microsoft.Extensions.Logging;

namespace Edge.Stores;

/// <summary>A store that forgets everything when the process ends: for tests and for trying things out.</summary>
internal sealed class MemoryStore(TimeProvider time, ILogger<MemoryStore> log) : EmbeddedStore(StoreImage.Empty, [], 0, time, log)
{
    protected override void Persist(StoreBatch batch, StoreImage before)
    {
    }

    protected override void Close()
    {
    }
}

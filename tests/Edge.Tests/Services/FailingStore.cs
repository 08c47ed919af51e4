using Edge.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Tests.Services;

/// <summary>A store whose disk can be made to fail.</summary>
internal sealed class FailingStore(TimeProvider time) : EmbeddedStore(StoreImage.Empty, [], 0, time, NullLogger.Instance)
{
    public StoreUnavailableException? Failure { get; set; }

    protected override void Persist(StoreBatch batch, StoreImage before)
    {
        if (Failure is { } failure)
        {
            throw failure;
        }
    }

    protected override void Close()
    {
    }
}

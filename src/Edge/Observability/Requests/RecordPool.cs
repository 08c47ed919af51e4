using Microsoft.Extensions.ObjectPool;

namespace Edge.Observability.Requests;

/// <summary>Records that wait for their next request.</summary>
internal sealed class RecordPool
{
    // As many as a burst leaves behind: beyond that they are for the collector.
    private const int Kept = 2048;

    private readonly DefaultObjectPool<RequestRecord> _pool = new(new Policy(), Kept);

    public RequestRecord Get() => _pool.Get();

    public void Return(RequestRecord record) => _pool.Return(record);

    private sealed class Policy : PooledObjectPolicy<RequestRecord>
    {
        public override RequestRecord Create() => new();

        public override bool Return(RequestRecord obj)
        {
            obj.Clear();
            return true;
        }
    }
}

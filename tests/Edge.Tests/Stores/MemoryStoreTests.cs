using Edge.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Tests.Stores;

public sealed class MemoryStoreTests : StoreContract
{
    private protected override ValueTask<IStore> OpenAsync() => new(new MemoryStore(Time, NullLogger<MemoryStore>.Instance));
}

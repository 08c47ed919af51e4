using System.Reflection;
using Edge.Acme;
using Edge.AcmeServer;
using Edge.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Tests.AcmeServer;

/// <summary>An account that gets another key is found by one of the two, and then it is that key's, wherever the power goes.</summary>
public sealed class AccountKeyCrashTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Killed_while_the_key_changes_the_account_has_one_key(int writes)
    {
        await using var real = new MemoryStore(TimeProvider.System, NullLogger<MemoryStore>.Instance);
        using var store = new AcmeServerStore(real);
        var cancel = TestContext.Current.CancellationToken;
        using var old = AccountKey.Create();
        using var fresh = AccountKey.Create();
        var account = new ServerAccount { Id = "one", Key = old.Jwk, Created = DateTimeOffset.UtcNow, From = "192.0.2.1" };
        await store.PutAsync(account, old.Thumbprint, cancel);

        var dying = DispatchProxy.Create<IStore, DyingStore>();
        ((DyingStore)(object)dying).Set(real, writes);
        using var killed = new AcmeServerStore(dying);
        await Record.ExceptionAsync(async () => await killed.ChangeKeyAsync(account.Id, fresh.Jwk, old.Thumbprint, fresh.Thumbprint, cancel));

        var found = new[] { old, fresh }.Where(key => store.AccountOfKeyAsync(key.Thumbprint, cancel).AsTask().Result is { } one && one.Key == key.Jwk).ToList();
        Assert.Single(found);
        var others = new[] { old, fresh }.Where(key => store.AccountOfKeyAsync(key.Thumbprint, cancel).AsTask().Result is { } one && one.Key != key.Jwk);
        Assert.Empty(others);
    }

    public class DyingStore : DispatchProxy
    {
        private IStore? _store;
        private int _writes;

        internal void Set(IStore store, int writes) => (_store, _writes) = (store, writes);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name is nameof(IStore.PutAsync) or nameof(IStore.DeleteAsync) or nameof(IStore.WriteAsync) && _writes-- <= 0
                ? throw new IOException("killed") : targetMethod.Invoke(_store, args);
    }
}

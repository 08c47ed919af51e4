using System.Text;
using Edge.Stores;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Stores;

/// <summary>What every store promises. A new store gets a class that opens it, and nothing else.</summary>
public abstract class StoreContract : IAsyncLifetime
{
    private IStore _store = null!;

    private protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_was_put_is_found_and_what_was_not_is_null()
    {
        var write = await Put("services/a", "one");
        var entry = await _store.GetAsync("services/a", Cancel);

        Assert.Equal(("services/a", "one", write.Revision, null), (entry!.Key, Text(entry), entry.Revision, entry.Lease));
        Assert.Null(await _store.GetAsync("services", Cancel));
    }

    [Fact]
    public async Task Every_change_has_a_greater_revision()
    {
        var a = await Put("a", "1");
        var b = await Put("b", "1");
        var again = await Put("a", "1");
        var gone = await _store.DeleteAsync("b", null, Cancel);

        Assert.True(0 < a.Revision && a.Revision < b.Revision && b.Revision < again.Revision && again.Revision < gone.Revision);
    }

    [Fact]
    public async Task The_value_is_a_copy()
    {
        var bytes = "one"u8.ToArray();
        await _store.PutAsync("a", bytes, null, null, Cancel);
        bytes[0] = (byte)'X';
        Assert.Equal("one", Text((await _store.GetAsync("a", Cancel))!));
    }

    [Fact]
    public async Task A_listing_is_ordered_by_key_and_holds_the_prefix_only()
    {
        foreach (var key in (string[])["b/2", "a/1", "b/10", "c/1", "b/1", "b"])
        {
            await Put(key, key);
        }

        var listing = await _store.ListAsync("b/", Cancel);

        Assert.Equal(["b/1", "b/10", "b/2"], listing.Entries.Select(entry => entry.Key));
        Assert.Equal(6, (await _store.ListAsync("", Cancel)).Entries.Length);
        Assert.Empty((await _store.ListAsync("d", Cancel)).Entries);
    }

    [Fact]
    public async Task A_conditional_put_happens_only_at_the_expected_revision()
    {
        var first = await _store.PutAsync("a", "1"u8.ToArray(), 0, null, Cancel);
        var late = await _store.PutAsync("a", "2"u8.ToArray(), 0, null, Cancel);
        var stale = await _store.PutAsync("a", "3"u8.ToArray(), first.Revision + 7, null, Cancel);
        var right = await _store.PutAsync("a", "4"u8.ToArray(), first.Revision, null, Cancel);

        Assert.True(first.Done && right.Done);
        Assert.True(late.Conflict && stale.Conflict);
        Assert.Equal("1", Text(late.Found!));
        Assert.Equal("4", Text((await _store.GetAsync("a", Cancel))!));
        var missing = await _store.PutAsync("b", "1"u8.ToArray(), 3, null, Cancel);
        Assert.True(missing is { Conflict: true, Found: null });
    }

    [Fact]
    public async Task A_conditional_delete_happens_only_at_the_expected_revision()
    {
        var first = await Put("a", "1");
        var second = await Put("a", "2");

        Assert.True((await _store.DeleteAsync("a", first.Revision, Cancel)).Conflict);
        Assert.NotNull(await _store.GetAsync("a", Cancel));
        Assert.True((await _store.DeleteAsync("a", second.Revision, Cancel)).Done);
        Assert.Null(await _store.GetAsync("a", Cancel));
    }

    [Fact]
    public async Task Removing_what_is_not_there_succeeds_and_changes_nothing()
    {
        var before = await Put("a", "1");
        var write = await _store.DeleteAsync("b", null, Cancel);
        Assert.Equal((true, before.Revision), (write.Done, write.Revision));
    }

    [Fact]
    public async Task Several_keys_are_written_as_one()
    {
        await Put("s/a", "1");
        var last = await Put("s/b", "1");
        await using var changes = _store.WatchAsync("s/", last.Revision, Cancel).GetAsyncEnumerator(Cancel);
        var bytes = "2"u8.ToArray();
        var write = await _store.WriteAsync([new StoreEdit("s/a", null), new StoreEdit("s/none", null), new StoreEdit("s/b", bytes), new StoreEdit("s/c", bytes)], Cancel);
        bytes[0] = (byte)'X';

        Assert.True(write.Done);
        Assert.Equal(["s/b=2", "s/c=2"], (await _store.ListAsync("s/", Cancel)).Entries.Select(entry => $"{entry.Key}={Text(entry)}"));
        Assert.Equal(["s/a gone", "s/b=2", "s/c=2"], [await Next(changes), await Next(changes), await Next(changes)]);
        Assert.Equal(write.Revision, (await _store.ListAsync("", Cancel)).Revision);
    }

    [Fact]
    public async Task A_watch_after_a_listing_misses_nothing_and_repeats_nothing()
    {
        await Put("s/a", "1");
        var listing = await _store.ListAsync("s/", Cancel);
        await Put("s/b", "2");
        await Put("other", "no");
        await using var changes = _store.WatchAsync("s/", listing.Revision, Cancel).GetAsyncEnumerator(Cancel);

        Assert.Equal("s/b=2", await Next(changes));
        var waiting = Next(changes);
        Assert.False(waiting.IsCompleted);
        await _store.DeleteAsync("s/a", null, Cancel);
        Assert.Equal("s/a gone", await waiting);
        await Put("s/a", "3");
        Assert.Equal("s/a=3", await Next(changes));
    }

    [Fact]
    public async Task A_watch_ends_when_it_is_cancelled()
    {
        using var ends = new CancellationTokenSource();
        await using var changes = _store.WatchAsync("", 0, ends.Token).GetAsyncEnumerator(Cancel);
        var waiting = changes.MoveNextAsync().AsTask();
        await ends.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Many_writers_and_watchers_agree_on_one_order()
    {
        await using var one = _store.WatchAsync("k/", 0, Cancel).GetAsyncEnumerator(Cancel);
        await using var two = _store.WatchAsync("k/", 0, Cancel).GetAsyncEnumerator(Cancel);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(() => Put($"k/{i % 7}", i.ToString()), Cancel)));

        var (first, second) = (new List<string>(), new List<string>());
        for (var i = 0; i < 100; i++)
        {
            first.Add(await Next(one));
            second.Add(await Next(two));
        }

        Assert.Equal(first, second);
        Assert.Equal(100, first.Distinct().Count());
        Assert.Equal((await _store.ListAsync("k/", Cancel)).Entries.Select(entry => $"{entry.Key}={Text(entry)}").Order(),
            first.GroupBy(change => change.Split('=')[0]).Select(group => group.Last()).Order());
    }

    [Fact]
    public async Task The_end_of_a_lease_deletes_its_keys_as_watched_changes_and_no_others()
    {
        var lease = await _store.GrantLeaseAsync(TimeSpan.FromSeconds(60), Cancel);
        var other = await _store.GrantLeaseAsync(TimeSpan.FromSeconds(90), Cancel);
        await Put("s/a", "1", lease);
        await Put("s/b", "1", lease);
        await Put("s/c", "1", other);
        var last = await Put("s/d", "1");
        await using var changes = _store.WatchAsync("s/", last.Revision, Cancel).GetAsyncEnumerator(Cancel);

        await AdvanceAsync(TimeSpan.FromSeconds(59));
        Assert.Equal(4, (await _store.ListAsync("s/", Cancel)).Entries.Length);
        var waiting = Next(changes);
        await AdvanceAsync(TimeSpan.FromSeconds(1.1));

        Assert.Equal("s/a gone", await waiting);
        Assert.Equal("s/b gone", await Next(changes));
        Assert.Equal(["s/c", "s/d"], (await _store.ListAsync("s/", Cancel)).Entries.Select(entry => entry.Key));
        Assert.Null(await _store.LeaseEndsAsync(lease, Cancel));
        Assert.False(await _store.RenewLeaseAsync(lease, Cancel));
        Assert.True((await _store.PutAsync("s/e", "1"u8.ToArray(), null, lease, Cancel)).LeaseEnded);
    }

    [Fact]
    public async Task A_renewal_starts_the_time_anew()
    {
        var lease = await _store.GrantLeaseAsync(TimeSpan.FromSeconds(60), Cancel);
        await Put("a", "1", lease);
        for (var i = 0; i < 5; i++)
        {
            await AdvanceAsync(TimeSpan.FromSeconds(45));
            Assert.True(await _store.RenewLeaseAsync(lease, Cancel));
        }

        Assert.NotNull(await _store.GetAsync("a", Cancel));
        Assert.Equal(60, (await _store.LeaseEndsAsync(lease, Cancel) - Time.GetUtcNow())!.Value.TotalSeconds, 0.1);
    }

    [Fact]
    public async Task A_key_put_again_without_the_lease_outlives_it()
    {
        var lease = await _store.GrantLeaseAsync(TimeSpan.FromSeconds(60), Cancel);
        await Put("a", "1", lease);
        await Put("b", "1", lease);
        var last = await Put("a", "2");
        await using var changes = _store.WatchAsync("", last.Revision, Cancel).GetAsyncEnumerator(Cancel);
        var waiting = Next(changes);
        await AdvanceAsync(TimeSpan.FromSeconds(61));

        Assert.Equal("b gone", await waiting);
        Assert.NotNull(await _store.GetAsync("a", Cancel));
    }

    [Fact]
    public async Task A_revoked_lease_ends_at_once()
    {
        var lease = await _store.GrantLeaseAsync(TimeSpan.FromSeconds(60), Cancel);
        await Put("a", "1", lease);
        await _store.RevokeLeaseAsync(lease, Cancel);
        await _store.RevokeLeaseAsync(lease, Cancel);

        Assert.Null(await _store.GetAsync("a", Cancel));
        Assert.NotEqual(lease, await _store.GrantLeaseAsync(TimeSpan.FromSeconds(60), Cancel));
    }

    [Fact]
    public async Task A_lock_has_one_holder_at_a_time()
    {
        var held = await _store.TryLockAsync("issue", TimeSpan.FromMinutes(1), Cancel);
        Assert.NotNull(held);
        Assert.Null(await _store.TryLockAsync("issue", TimeSpan.FromMinutes(1), Cancel));
        Assert.NotNull(await _store.TryLockAsync("other", TimeSpan.FromMinutes(1), Cancel));

        await held.DisposeAsync();
        var next = await _store.TryLockAsync("issue", TimeSpan.FromMinutes(1), Cancel);
        Assert.NotNull(next);

        await held.DisposeAsync();
        Assert.Null(await _store.TryLockAsync("issue", TimeSpan.FromMinutes(1), Cancel));
    }

    private protected abstract ValueTask<IStore> OpenAsync();

    private protected virtual ValueTask AdvanceAsync(TimeSpan time)
    {
        Time.Advance(time);
        return ValueTask.CompletedTask;
    }

    private static string Text(StoreEntry entry) => Encoding.UTF8.GetString(entry.Value.Span);

    private static async Task<string> Next(IAsyncEnumerator<StoreChange> changes)
    {
        Assert.True(await changes.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancel));
        var change = changes.Current;
        Assert.True(change.Entry is null || change.Entry.Revision == change.Revision);
        return change.Entry is null ? $"{change.Key} gone" : $"{change.Key}={Text(change.Entry)}";
    }

    private async Task<StoreWrite> Put(string key, string value, LeaseId? lease = null)
    {
        var write = await _store.PutAsync(key, Encoding.UTF8.GetBytes(value), null, lease, Cancel);
        Assert.True(write.Done);
        return write;
    }
}

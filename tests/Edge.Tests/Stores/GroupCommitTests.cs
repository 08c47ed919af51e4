using Edge.Stores;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Stores;

/// <summary>
/// What comes while something is being written is written together. The first write of each test is the moment at which
/// the others come: while it goes on, they can only wait.
/// </summary>
public sealed class GroupCommitTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Those_who_come_together_share_one_write_and_keep_their_order()
    {
        List<Task<StoreWrite>> others = [];
        WatchedStore store = null!;
        await using (store = new WatchedStore(_time, (_, number) => Come(number, () => others.AddRange(Enumerable.Range(0, 50).Select(i => Put(store, $"k/{i}", null).AsTask())))))
        {
            Assert.Equal(1, (await Put(store, "first", null)).Revision);
            var written = await Task.WhenAll(others).WaitAsync(TimeSpan.FromSeconds(20), Cancel);

            Assert.Equal([1, 50], store.Writes.Select(batch => batch.Changes.Length));
            Assert.Equal(Enumerable.Range(2, 50), written.Select(write => (int)write.Revision));
            await using var changes = store.WatchAsync("k/", 0, Cancel).GetAsyncEnumerator(Cancel);
            for (var i = 0; i < 50; i++)
            {
                Assert.True(await changes.MoveNextAsync());
                Assert.Equal(($"k/{i}", i + 2L), (changes.Current.Key, changes.Current.Revision));
            }
        }
    }

    [Fact]
    public async Task Nobody_is_told_and_nothing_is_seen_before_the_write_of_his_group_has_ended()
    {
        List<Task<StoreWrite>> others = [];
        var told = -1;
        Task<StoreEntry?>? seen = null;
        WatchedStore store = null!;
        await using (store = new WatchedStore(_time, (_, number) =>
        {
            Come(number, () => others.AddRange(((string[])["a", "b"]).Select(key => Put(store, key, null).AsTask())));
            if (number == 2)
            {
                (told, seen) = (others.Count(task => task.IsCompleted), store.GetAsync("a", Cancel).AsTask());
            }
        }))
        {
            await Put(store, "first", null);
            await Task.WhenAll(others).WaitAsync(TimeSpan.FromSeconds(20), Cancel);
            Assert.Equal(0, told);
            Assert.Null(await seen!);
            Assert.NotNull(await store.GetAsync("a", Cancel));
        }
    }

    [Fact]
    public async Task Everyone_of_a_group_is_told_of_a_failed_write_and_nothing_of_it_is_there()
    {
        List<Task<StoreWrite>> others = [];
        WatchedStore store = null!;
        await using (store = new WatchedStore(_time, (_, number) =>
        {
            Come(number, () => others.AddRange(((ValueTuple<string, long?>[])[("a", null), ("b", 0), ("b", 0), ("c", null)]).Select(one => Put(store, one.Item1, one.Item2).AsTask())));
            if (number == 2)
            {
                throw new StoreUnavailableException("the disk is away");
            }
        }))
        {
            await Put(store, "first", null);
            foreach (var other in others)
            {
                // Also the one who would have come second to b: the first did not get it either.
                Assert.Equal("the disk is away", (await Assert.ThrowsAsync<StoreUnavailableException>(() => other.WaitAsync(TimeSpan.FromSeconds(20), Cancel))).Message);
            }

            Assert.Equal(["first"], (await store.ListAsync("", Cancel)).Entries.Select(entry => entry.Key));
            Assert.Equal(2, (await Put(store, "b", 0)).Revision);
        }
    }

    [Fact]
    public async Task Each_of_a_group_sees_what_those_before_it_did()
    {
        List<Task<StoreWrite>> others = [];
        WatchedStore store = null!;
        await using (store = new WatchedStore(_time, (_, number) => Come(number, () => others.AddRange(
            [Put(store, "a", 0).AsTask(), Put(store, "a", 0).AsTask(), Put(store, "a", 2).AsTask(), store.DeleteAsync("a", 3, Cancel).AsTask(), Put(store, "a", 0).AsTask()]))))
        {
            await Put(store, "first", null);
            var written = await Task.WhenAll(others).WaitAsync(TimeSpan.FromSeconds(20), Cancel);

            Assert.Equal([(2, false), (2, true), (3, false), (4, false), (5, false)], written.Select(write => ((int)write.Revision, write.Conflict)));
            Assert.Equal(2, written[1].Found!.Revision);
            Assert.Equal(5, (await store.GetAsync("a", Cancel))!.Revision);
        }
    }

    [Fact]
    public async Task Who_goes_while_he_waits_has_changed_nothing()
    {
        using var goes = new CancellationTokenSource();
        Task<StoreWrite>? other = null;
        WatchedStore store = null!;
        await using (store = new WatchedStore(_time, (_, number) => Come(number, () =>
        {
            other = store.PutAsync("a", "1"u8.ToArray(), null, null, goes.Token).AsTask();
            goes.Cancel();
        })))
        {
            await Put(store, "first", null);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other!.WaitAsync(TimeSpan.FromSeconds(20), Cancel));
            await Put(store, "last", null);
            Assert.Equal(["first", "last"], (await store.ListAsync("", Cancel)).Entries.Select(entry => entry.Key));
        }
    }

    [Fact]
    public async Task A_registration_and_its_end_are_one_write_each_and_a_renewal_is_none()
    {
        await using var store = new WatchedStore(_time);
        var lease = await store.GrantLeaseAsync(TimeSpan.FromMinutes(1), Cancel);
        await store.PutAsync("a", "1"u8.ToArray(), 0, lease, Cancel);
        Assert.Equal((1, 1), (store.Writes[^1].Changes.Length, store.Writes[^1].Leases.Length));
        Assert.Single(store.Writes);

        Assert.True(await store.RenewLeaseAsync(lease, Cancel));
        Assert.Single(store.Writes);

        await store.DeleteAsync("a", 1, Cancel);
        await store.RevokeLeaseAsync(lease, Cancel);
        Assert.Equal(2, store.Writes.Count);
        Assert.False(await store.RenewLeaseAsync(lease, Cancel));

        // That it ended stands in the next write.
        await Put(store, "b", null);
        Assert.Equal([lease], store.Writes[^1].Ended);
        await Put(store, "c", null);
        Assert.Empty(store.Writes[^1].Ended);
    }

    [Fact]
    public async Task The_renewal_of_a_long_lease_is_written()
    {
        await using var store = new WatchedStore(_time);
        var lease = await store.GrantLeaseAsync(TimeSpan.FromHours(12), Cancel);
        await store.PutAsync("a", "1"u8.ToArray(), 0, lease, Cancel);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.True(await store.RenewLeaseAsync(lease, Cancel));
        Assert.Equal(_time.GetUtcNow().AddHours(12), Assert.Single(store.Writes[^1].Leases).Ends);
    }

    [Fact]
    public async Task A_lease_that_ends_in_the_middle_of_a_group_takes_with_it_what_was_put_before()
    {
        List<Task> others = [];
        LeaseId lease = default;
        WatchedStore store = null!;
        await using (store = new WatchedStore(_time, (_, number) => Come(number, () =>
        {
            others.AddRange([store.PutAsync("a", default, null, lease, Cancel).AsTask(), store.RevokeLeaseAsync(lease, Cancel).AsTask(), store.PutAsync("b", default, null, lease, Cancel).AsTask()]);
        })))
        {
            lease = await store.GrantLeaseAsync(TimeSpan.FromMinutes(1), Cancel);
            await Put(store, "first", null);
            await Task.WhenAll(others).WaitAsync(TimeSpan.FromSeconds(20), Cancel);
            Assert.True((await (Task<StoreWrite>)others[2]).LeaseEnded);
            Assert.Equal(["first"], (await store.ListAsync("", Cancel)).Entries.Select(entry => entry.Key));
        }
    }

    [Fact]
    public async Task What_was_taken_before_the_store_is_closed_is_written_and_nothing_after()
    {
        List<Task<StoreWrite>> others = [];
        Task closing = Task.CompletedTask;
        WatchedStore store = null!;
        store = new WatchedStore(_time, (_, number) => Come(number, () =>
        {
            others.Add(Put(store, "a", null).AsTask());
            closing = store.DisposeAsync().AsTask();
        }));
        await Put(store, "first", null);
        await closing.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        Assert.Equal(2, (await others[0].WaitAsync(TimeSpan.FromSeconds(20), Cancel)).Revision);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await Put(store, "b", null));
    }

    private static void Come(int number, Action come)
    {
        if (number == 1)
        {
            come();
        }
    }

    private static ValueTask<StoreWrite> Put(WatchedStore store, string key, long? expected) => store.PutAsync(key, "1"u8.ToArray(), expected, null, Cancel);
}

using Edge.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Stores;

/// <summary>What holds when the process, the box or its clock comes back different.</summary>
public sealed class SqliteStoreRestartTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-restart-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Everything_that_was_stored_is_there_again_and_revisions_go_on()
    {
        long last;
        await using (var store = Open(new FakeTimeProvider(Noon)))
        {
            await store.PutAsync("a", "1"u8.ToArray(), null, null, Cancel);
            await store.PutAsync("b", "2"u8.ToArray(), null, null, Cancel);
            last = (await store.DeleteAsync("a", null, Cancel)).Revision;
        }

        await using var again = Open(new FakeTimeProvider(Noon));
        var listing = await again.ListAsync("", Cancel);
        Assert.Equal((last, "b"), (listing.Revision, Assert.Single(listing.Entries).Key));
        Assert.Equal(last + 1, (await again.PutAsync("c", "3"u8.ToArray(), null, null, Cancel)).Revision);
        await Assert.ThrowsAsync<StoreCompactedException>(async () => await again.WatchAsync("", last - 1, Cancel).GetAsyncEnumerator(Cancel).MoveNextAsync());
    }

    [Theory]
    [InlineData("a restart at once keeps what is left", 3600, 100, 0, 3500)]
    [InlineData("a short stop counts", 3600, 100, 50, 3450)]
    [InlineData("one that is about to end can be renewed for ten minutes", 3600, 3500, 50, 600)]
    [InlineData("one that ran out while the box was off can be renewed for ten minutes", 3600, 100, 86_400, 600)]
    [InlineData("one that is shorter than ten minutes begins anew", 300, 100, 0, 300)]
    [InlineData("so it does when the box was off for a day", 300, 100, 86_400, 300)]
    [InlineData("a clock that came up a month ahead ends nothing for ten minutes", 3600, 0, 2_592_000, 600)]
    [InlineData("a clock that came up a month behind prolongs nothing", 3600, 100, -2_592_000, 3600)]
    [InlineData("half a minute is the least", 5, 0, 0, 30)]
    public async Task A_lease_after_a_restart(string why, int timeToLive, int ran, int off, int left)
    {
        var before = new FakeTimeProvider(Noon);
        LeaseId lease;
        await using (var store = Open(before))
        {
            lease = await store.GrantLeaseAsync(TimeSpan.FromSeconds(timeToLive), Cancel);
            await store.PutAsync("a", "1"u8.ToArray(), null, lease, Cancel);
            before.Advance(TimeSpan.FromSeconds(ran));
        }

        var after = new FakeTimeProvider(Noon.AddSeconds(ran + off));
        await using var again = Open(after);
        Assert.Equal(left, (await again.LeaseEndsAsync(lease, Cancel) - after.GetUtcNow())!.Value.TotalSeconds, 0.01);
        Assert.True(await again.RenewLeaseAsync(lease, Cancel), why);
        Assert.Equal(timeToLive, (await again.LeaseEndsAsync(lease, Cancel) - after.GetUtcNow())!.Value.TotalSeconds, 0.01);
    }

    // A box that is on for four hours a day would keep for ever what nobody renews.
    [Fact]
    public async Task A_lease_that_ran_out_while_the_box_was_off_ends_while_it_is_on()
    {
        LeaseId lease;
        await using (var store = Open(new FakeTimeProvider(Noon)))
        {
            lease = await store.GrantLeaseAsync(TimeSpan.FromHours(10), Cancel);
            await store.PutAsync("a", "1"u8.ToArray(), null, lease, Cancel);
        }

        var next = new FakeTimeProvider(Noon.AddHours(20));
        await using var again = Open(next);
        next.Advance(TimeSpan.FromMinutes(9));
        Assert.NotNull(await again.LeaseEndsAsync(lease, Cancel));
        next.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(await again.LeaseEndsAsync(lease, Cancel));
    }

    // Its end was written while the clock was wrong.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_lease_whose_end_is_too_far_ahead_begins_anew_once(bool writes)
    {
        LeaseId lease;
        await using (var store = Open(new FakeTimeProvider(Noon.AddDays(30))))
        {
            lease = await store.GrantLeaseAsync(TimeSpan.FromHours(10), Cancel);
            await store.PutAsync("a", "1"u8.ToArray(), null, lease, Cancel);
        }

        var second = new FakeTimeProvider(Noon);
        var store2 = Open(second);
        if (writes)
        {
            await store2.PutAsync("b", "1"u8.ToArray(), null, null, Cancel);
        }

        second.Advance(TimeSpan.FromHours(4));
        await store2.DisposeAsync();
        var third = new FakeTimeProvider(Noon.AddHours(8));
        await using var store3 = Open(third);
        Assert.Equal(2, (await store3.LeaseEndsAsync(lease, Cancel) - third.GetUtcNow())!.Value.TotalHours, 0.01);
    }

    [Fact]
    public async Task A_wall_clock_that_jumps_by_a_month_while_running_ends_nothing()
    {
        var time = new JumpingClock();
        await using var store = Open(time);
        var lease = await store.GrantLeaseAsync(TimeSpan.FromSeconds(60), Cancel);
        await store.PutAsync("a", "1"u8.ToArray(), null, lease, Cancel);

        foreach (var jump in (int[])[30, -60])
        {
            time.Jump(TimeSpan.FromDays(jump));
            Assert.NotNull(await store.GetAsync("a", Cancel));
            Assert.InRange((await store.LeaseEndsAsync(lease, Cancel) - time.GetUtcNow())!.Value.TotalSeconds, 30, 60);
            Assert.True(await store.RenewLeaseAsync(lease, Cancel));
        }
    }

    // A box without a battery for its clock: it starts in 1970, and finds a time server when everything runs.
    [Theory]
    [InlineData("1970-01-01T00:00:10Z", "2026-03-02T12:00:00Z")]
    [InlineData("2027-03-01T12:00:00Z", "2026-03-01T12:00:20Z")]
    public async Task A_clock_that_is_set_after_the_start_ends_no_lease_and_prolongs_none(string atStart, string set)
    {
        LeaseId lease;
        await using (var store = Open(new FakeTimeProvider(Noon)))
        {
            lease = await store.GrantLeaseAsync(TimeSpan.FromSeconds(60), Cancel);
            await store.PutAsync("a", "1"u8.ToArray(), null, lease, Cancel);
        }

        var time = new JumpingClock();
        time.Jump(DateTimeOffset.Parse(atStart, System.Globalization.CultureInfo.InvariantCulture) - time.GetUtcNow());
        await using var again = Open(time);
        Assert.InRange(await LeftAsync(), 25, 60);
        time.Jump(DateTimeOffset.Parse(set, System.Globalization.CultureInfo.InvariantCulture) - time.GetUtcNow());
        Assert.InRange(await LeftAsync(), 25, 60);
        Assert.NotNull(await again.GetAsync("a", Cancel));
        Assert.True(await again.RenewLeaseAsync(lease, Cancel));
        Assert.InRange(await LeftAsync(), 55, 60);

        async Task<double> LeftAsync() => (await again.LeaseEndsAsync(lease, Cancel) - time.GetUtcNow())!.Value.TotalSeconds;
    }

    [Fact]
    public async Task What_hangs_on_a_lease_that_was_not_written_down_ends_after_ten_minutes()
    {
        long revision;
        LeaseId lease;
        await using (var store = Open(new FakeTimeProvider(Noon)))
        {
            lease = await store.GrantLeaseAsync(TimeSpan.FromHours(1), Cancel);
            revision = (await store.PutAsync("a", "1"u8.ToArray(), null, lease, Cancel)).Revision;
        }

        using (var file = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_folder.FullName, SqliteStore.FileName)};Pooling=False"))
        {
            file.Open();
            using var delete = file.CreateCommand();
            delete.CommandText = "DELETE FROM lease";
            Assert.Equal(1, delete.ExecuteNonQuery());
        }

        var time = new FakeTimeProvider(Noon);
        await using var again = Open(time);
        Assert.Equal(600, ((await again.LeaseEndsAsync(lease, Cancel) - time.GetUtcNow())?.TotalSeconds ?? 0), 0.01);
        await using var changes = again.WatchAsync("a", revision, Cancel).GetAsyncEnumerator(Cancel);
        time.Advance(TimeSpan.FromMinutes(11));
        Assert.True(await changes.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancel));
        Assert.Null(changes.Current.Entry);
    }

    [Fact]
    public async Task A_second_process_is_told_who_has_the_folder()
    {
        await using (Open(TimeProvider.System))
        {
            var wrong = Assert.Throws<StoreUnavailableException>(() => Open(TimeProvider.System));
            Assert.Contains($"{_folder.FullName} is already in use by process {Environment.ProcessId}", wrong.Message);
        }

        await Open(TimeProvider.System).DisposeAsync();
    }

    [Theory]
    [InlineData(0, "is not a store of Edge")]
    [InlineData(4096, "is damaged")]
    public async Task A_damaged_file_is_named_and_left_as_it_is(int at, string sentence)
    {
        var path = Path.Combine(_folder.FullName, SqliteStore.FileName);
        await using (var store = Open(TimeProvider.System))
        {
            for (var i = 0; i < 50; i++)
            {
                await store.PutAsync($"key/{i}", new byte[500], null, null, Cancel);
            }
        }

        var bytes = await File.ReadAllBytesAsync(path, Cancel);
        Array.Fill(bytes, (byte)0xA5, at, bytes.Length - at);
        await File.WriteAllBytesAsync(path, bytes, Cancel);

        var wrong = Assert.Throws<StoreUnavailableException>(() => Open(TimeProvider.System));
        Assert.Contains(path, wrong.Message);
        Assert.Contains(sentence, wrong.Message);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(path, Cancel));
    }

    [Fact]
    public async Task A_file_that_is_removed_while_running_is_written_anew_with_the_next_change()
    {
        await using (var store = Open(TimeProvider.System))
        {
            await store.PutAsync("a", "1"u8.ToArray(), null, await store.GrantLeaseAsync(TimeSpan.FromHours(1), Cancel), Cancel);
            File.Delete(Path.Combine(_folder.FullName, SqliteStore.FileName));
            await store.PutAsync("b", "2"u8.ToArray(), null, null, Cancel);
        }

        await using var again = Open(TimeProvider.System);
        Assert.Equal(["a", "b"], (await again.ListAsync("", Cancel)).Entries.Select(entry => entry.Key));
        Assert.True(await again.RenewLeaseAsync(new LeaseId(1), Cancel));
    }

    [Fact]
    public async Task A_file_locked_by_another_program_refuses_the_write_and_recovers()
    {
        await using var store = Open(TimeProvider.System);
        using (var other = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_folder.FullName, SqliteStore.FileName)};Pooling=False"))
        {
            other.Open();
            using var begin = other.CreateCommand();
            begin.CommandText = "BEGIN IMMEDIATE";
            begin.ExecuteNonQuery();
            var wrong = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.PutAsync("a", "1"u8.ToArray(), null, null, Cancel));
            Assert.Contains("is locked by another program", wrong.Message);
            Assert.Null(await store.GetAsync("a", Cancel));
        }

        Assert.True((await store.PutAsync("a", "1"u8.ToArray(), 0, null, Cancel)).Done);
    }

    private SqliteStore Open(TimeProvider time) => SqliteStore.Open(_folder.FullName, time, NullLogger<SqliteStore>.Instance);

    // The wall clock jumps; the monotonic clock is the real one.
    private sealed class JumpingClock : TimeProvider
    {
        private TimeSpan _offset;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _offset;

        public void Jump(TimeSpan by) => _offset += by;
    }
}

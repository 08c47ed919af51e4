using System.Globalization;
using Edge.Stores;
using Xunit;

namespace Edge.Tests.Stores;

/// <summary>A group of changes and the leases in it.</summary>
public sealed class StoreDraftTests
{
    // Counted in bytes, which say the same on every machine: lists that are gone through for each lease are made for each.
    [Fact]
    public void Of_leases_that_end_together_each_costs_as_much_as_of_few()
    {
        var (few, many) = (BytesForEach(500), BytesForEach(4000));
        Assert.True(many < 2 * few, $"{many} bytes for each of 4000 leases, {few} for each of 500");
    }

    // The clock goes on with every look at it, so that each lease runs out between two of them.
    [Fact]
    public void Nothing_is_put_on_a_lease_that_is_not_written_down()
    {
        for (var seconds = 1; seconds < 10; seconds++)
        {
            using var clock = new LeaseClock(new RunningClock());
            var lease = new LeaseId(1);
            clock.Start(lease, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds));
            var draft = Draft(clock);
            var write = draft.Put("a", default, null, lease);
            var batch = draft.ToBatch();
            Assert.Equal((seconds, write.Done), (seconds, batch.Leases.Length == 1));
            Assert.Equal((seconds, write.Done), (seconds, batch.Changes.Length == 1));
        }
    }

    private static long BytesForEach(int leases)
    {
        using var clock = new LeaseClock(TimeProvider.System);
        var ids = Enumerable.Range(1, leases).Select(number => new LeaseId(number)).ToList();
        ids.ForEach(id => clock.Start(id, TimeSpan.FromHours(1), TimeSpan.FromHours(1)));
        var image = StoreImage.Of(ids.Select(id => new StoreEntry(id.Value.ToString(CultureInfo.InvariantCulture), default, id.Value, id)), leases);
        var draft = new StoreDraft(image, clock, new LeaseBook(image, ids, []), TimeProvider.System);
        var before = GC.GetAllocatedBytesForCurrentThread();
        draft.End(ids);
        var spent = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Empty(draft.Image.Entries);
        return spent / leases;
    }

    private static StoreDraft Draft(LeaseClock clock) => new(StoreImage.Empty, clock, new LeaseBook(StoreImage.Empty, [], []), TimeProvider.System);

    private sealed class RunningClock : TimeProvider
    {
        private long _now;

        public override long GetTimestamp() => _now += TimestampFrequency;
    }
}

using Edge.Stores;
using Xunit;

namespace Edge.Tests.Stores;

public sealed class ChangeHistoryTests
{
    [Theory]
    [InlineData(0, null)]
    [InlineData(9, null)]
    [InlineData(10, null)]
    [InlineData(11, "12 13 14 15")]
    [InlineData(14, "15")]
    [InlineData(15, "")]
    public async Task A_ring_of_four_after_revision_10_and_five_changes_remembers_from_11_on(long after, string? expected)
    {
        var history = new ChangeHistory(10, capacity: 4);
        history.Append([.. Enumerable.Range(11, 5).Select(i => new StoreChange("k", i, null))]);

        if (expected is null)
        {
            var wrong = await Assert.ThrowsAsync<StoreCompactedException>(() => Read(history, after, 1));
            Assert.Equal(11, wrong.Oldest);
        }
        else
        {
            var count = expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
            Assert.Equal(expected, string.Join(' ', await Read(history, after, count)));
        }
    }

    [Fact]
    public async Task A_watcher_that_falls_behind_is_told_to_list_again()
    {
        var history = new ChangeHistory(0, capacity: 4);
        await using var watch = history.WatchAsync("", 0, CancellationToken.None).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        history.Append([new StoreChange("k", 1, null)]);
        Assert.True(await watch.MoveNextAsync());

        history.Append([.. Enumerable.Range(2, 10).Select(i => new StoreChange("k", i, null))]);
        await Assert.ThrowsAsync<StoreCompactedException>(async () => await watch.MoveNextAsync());
    }

    private static async Task<List<long>> Read(ChangeHistory history, long after, int count)
    {
        var read = new List<long>();
        await using var watch = history.WatchAsync("", after, TestContext.Current.CancellationToken).GetAsyncEnumerator();
        while (read.Count < count && await watch.MoveNextAsync())
        {
            read.Add(watch.Current.Revision);
        }

        return read;
    }
}

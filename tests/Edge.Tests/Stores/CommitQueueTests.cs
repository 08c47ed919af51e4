using Edge.Stores;
using Xunit;

namespace Edge.Tests.Stores;

/// <summary>Those who wait, when writing breaks in a way that nobody thought of.</summary>
public sealed class CommitQueueTests
{
    [Fact]
    public async Task Who_was_in_a_group_that_broke_is_told_and_the_next_goes_on()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var clock = new LeaseClock(TimeProvider.System);
        Task<int>? other = null;
        CommitQueue queue = null!;
        queue = new CommitQueue(group =>
        {
            if (other is null)
            {
                other = queue.RunAsync(Says(2), cancel).AsTask();
                throw new InvalidOperationException("broken");
            }

            foreach (var operation in group)
            {
                operation.Apply(new StoreDraft(StoreImage.Empty, clock, new LeaseBook(StoreImage.Empty, [], []), TimeProvider.System));
                operation.Tell();
            }
        });
        await Assert.ThrowsAsync<InvalidOperationException>(() => queue.RunAsync(Says(1), cancel).AsTask());
        Assert.Equal(2, await other!.WaitAsync(TimeSpan.FromSeconds(20), cancel));
        await queue.CloseAsync().WaitAsync(TimeSpan.FromSeconds(20), cancel);
    }

    private static PendingResult<int> Says(int number) => new(_ => number, null);
}

using Edge.Access.Oidc;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Access;

/// <summary>What is known of a provider while it does not answer.</summary>
public sealed class SharedLookTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private int _looks;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_asks_while_a_look_is_under_way_waits_for_that_one()
    {
        var answer = new TaskCompletionSource<string>();
        var look = Look(() => answer.Task);
        var waiting = Enumerable.Range(0, 10).Select(_ => look.GetAsync(Hour, Cancel)).ToList();
        answer.SetResult("found");

        Assert.All(await Task.WhenAll(waiting), found => Assert.Equal("found", found));
        Assert.Equal(1, _looks);
    }

    [Fact]
    public async Task One_who_leaves_takes_the_look_from_nobody()
    {
        using var leaving = new CancellationTokenSource();
        var answer = new TaskCompletionSource<string>();
        var look = Look(() => answer.Task);
        var (left, stays) = (look.GetAsync(Hour, leaving.Token), look.GetAsync(Hour, Cancel));
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        answer.SetResult("found");
        Assert.Equal("found", await stays);
    }

    [Fact]
    public async Task A_look_that_failed_is_not_made_again_at_once()
    {
        var look = Look(() => Task.FromException<string>(new ProviderException("away")));
        Assert.False((await Assert.ThrowsAsync<ProviderException>(() => look.GetAsync(Hour, Cancel))).IsOld);
        for (var i = 0; i < 10; i++)
        {
            Assert.True((await Assert.ThrowsAsync<ProviderException>(() => look.GetAsync(Hour, Cancel))).IsOld);
        }

        Assert.Equal(1, _looks);
        _time.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<ProviderException>(() => look.GetAsync(Hour, Cancel));
        Assert.Equal(2, _looks);
    }

    [Fact]
    public async Task What_is_old_is_handed_out_while_a_look_is_made()
    {
        var answers = new Queue<Task<string>>([Task.FromResult("old"), new TaskCompletionSource<string>().Task]);
        var look = Look(answers.Dequeue);
        Assert.Equal("old", await look.GetAsync(Hour, Cancel));
        _time.Advance(Hour);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("old", await look.GetAsync(Hour, Cancel).WaitAsync(TimeSpan.FromSeconds(10), Cancel));
        }

        Assert.InRange(_looks, 1, 2);
        Assert.False(look.GetNewerAsync(Hour, Cancel).IsCompleted);
    }

    private SharedLook<string> Look(Func<Task<string>> answer) => new(
        () =>
        {
            Interlocked.Increment(ref _looks);
            return answer();
        },
        _time);
}

using Edge.Services;
using Xunit;

namespace Edge.Tests.Services;

/// <summary>Who wants the same name or host waits for those who came before, and for nobody else.</summary>
public sealed class RegistrationTurnsTests
{
    private readonly RegistrationTurns _turns = new();

    [Theory]
    [InlineData("a x", "b y", false)]
    [InlineData("a x", "b x", true)]
    [InlineData("a x", "a y", true)]
    [InlineData("a x y", "b z y", true)]
    [InlineData("a a", "a a", true)]
    public async Task Two_that_come_one_after_the_other(string first, string second, bool waits)
    {
        var one = await TakeAsync(first);
        var other = TakeAsync(second);
        Assert.Equal(!waits, other.IsCompleted);
        one.Dispose();
        (await other).Dispose();
        (await TakeAsync(first + " " + second)).Dispose();
    }

    [Fact]
    public async Task They_come_in_their_order()
    {
        var first = await TakeAsync("a x");
        var second = TakeAsync("b x y");
        var third = TakeAsync("c y");
        var fourth = TakeAsync("d z");
        Assert.Equal((false, false, true), (second.IsCompleted, third.IsCompleted, fourth.IsCompleted));
        first.Dispose();
        using (await second)
        {
            Assert.False(third.IsCompleted);
        }

        (await third).Dispose();
    }

    [Fact]
    public async Task Who_gives_up_lets_nobody_past_those_before_him()
    {
        using var goes = new CancellationTokenSource();
        var first = await TakeAsync("x");
        var second = _turns.TakeAsync(["x"], goes.Token);
        var third = TakeAsync("x");
        await goes.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(third.IsCompleted);
        first.Dispose();
        (await third).Dispose();
    }

    private Task<IDisposable> TakeAsync(string wanted) => _turns.TakeAsync(wanted.Split(' '), TestContext.Current.CancellationToken);
}

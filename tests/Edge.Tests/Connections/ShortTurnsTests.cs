using Edge.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Connections;

/// <summary>The threads of the event loops go first when they have something to do, where the system knows how.</summary>
public sealed class ShortTurnsTests
{
    [Fact]
    public async Task An_event_loop_has_short_turns_and_is_no_nicer_than_before()
    {
        var here = ShortTurns.Read();
        Assert.SkipWhen(here is not { Runtime: > 0 }, $"this kernel ({Environment.OSVersion.Version}) has no turns of a length of one's own (Linux 6.12)");
        using var loops = new EventLoops(NullLogger<EventLoops>.Instance);
        var there = new TaskCompletionSource<ShortTurns.Turns?>(TaskCreationOptions.RunContinuationsAsynchronously);
        loops.All[0].Post(_ => there.SetResult(ShortTurns.Read()), null);
        var turns = await there.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((ShortTurns.Length, here!.Value.Nice, here.Value.Policy), (turns!.Value.Runtime, turns.Value.Nice, turns.Value.Policy));
        Assert.Equal(here.Value.Runtime, ShortTurns.Read()!.Value.Runtime);
    }
}

using Edge.Stores;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Stores;

/// <summary>The ends of leases.</summary>
public sealed class LeaseClockTests
{
    [Fact]
    public void Leases_given_back_before_their_end_leave_nothing_behind()
    {
        var time = new FakeTimeProvider();
        using var clock = new LeaseClock(time);
        var (kept, day) = (new LeaseId(1), TimeSpan.FromDays(1));
        clock.Start(kept, day, day);
        for (var at = 0; at < 20_000; at++)
        {
            var lease = new LeaseId(at + 2);
            clock.Start(lease, day, day);
            clock.Remove(lease);
        }

        Assert.InRange(clock.Ends, 1, 2000);
        time.Advance(day);
        Assert.Equal([kept], clock.Due());
    }
}

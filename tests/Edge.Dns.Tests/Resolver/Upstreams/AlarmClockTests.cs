using Edge.Dns.Resolver.Upstreams;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Upstreams;

/// <summary>Alarms go off when their time has come, not before and once.</summary>
public sealed class AlarmClockTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Alarms_of_all_lengths_go_off_in_their_step()
    {
        using var clock = new AlarmClock(_time);
        var alarms = Enumerable.Range(0, 2000).Select(i => new Bell(TimeSpan.FromMilliseconds(i * 7))).ToList();
        alarms.ForEach(alarm => clock.Set(alarm, alarm.After));
        for (var now = 0; now < 15_000; now += 5)
        {
            _time.Advance(TimeSpan.FromMilliseconds(5));
            foreach (var alarm in alarms.Where(alarm => alarm.Rings > 0 && alarm.RangAt is null))
            {
                alarm.RangAt = TimeSpan.FromMilliseconds(now + 5);
            }
        }

        Assert.All(alarms, alarm => Assert.Equal(1, alarm.Rings));
        Assert.All(alarms, alarm => Assert.InRange((alarm.RangAt!.Value - alarm.After).TotalMilliseconds, 0, 7));
    }

    [Fact]
    public void A_stopped_alarm_is_silent_and_one_set_anew_rings_at_the_new_time()
    {
        using var clock = new AlarmClock(_time);
        var (stopped, moved) = (new Bell(default), new Bell(default));
        clock.Set(stopped, TimeSpan.FromMilliseconds(50));
        clock.Set(moved, TimeSpan.FromMilliseconds(50));
        clock.Stop(stopped);
        clock.Set(moved, TimeSpan.FromSeconds(10));
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal((0, 0), (stopped.Rings, moved.Rings));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((0, 1), (stopped.Rings, moved.Rings));
    }

    [Fact]
    public void A_machine_that_slept_has_all_its_alarms_go_off_once()
    {
        using var clock = new AlarmClock(_time);
        var alarms = Enumerable.Range(0, 500).Select(i => new Bell(TimeSpan.FromMilliseconds(i * 10))).ToList();
        alarms.ForEach(alarm => clock.Set(alarm, alarm.After));
        _time.Advance(TimeSpan.FromHours(8));
        // Not all in one go: others have their turn in between.
        Assert.InRange(alarms.Sum(alarm => alarm.Rings), 1, 100);
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.All(alarms, alarm => Assert.Equal(1, alarm.Rings));
        clock.Set(alarms[0], TimeSpan.FromMilliseconds(10));
        _time.Advance(TimeSpan.FromMilliseconds(30));
        Assert.Equal(2, alarms[0].Rings);
    }

    private sealed class Bell(TimeSpan after) : Alarm
    {
        public TimeSpan After => after;

        public TimeSpan? RangAt { get; set; }

        public int Rings { get; private set; }

        protected internal override void OnAlarm() => Rings++;
    }
}

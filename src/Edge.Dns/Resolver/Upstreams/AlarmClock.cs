namespace Edge.Dns.Resolver.Upstreams;

/// <summary>
/// Many short waits on one timer: a wheel of lists, one for each step of time (Varghese and Lauck, 1987). To set or
/// to stop an alarm costs a lock and two links; the timer goes off when the next list with anything in it is due.
/// </summary>
internal sealed class AlarmClock : IDisposable
{
    private const int StepMilliseconds = 2;
    private const int Slots = 1024;

    // A flood that began together ends together: between such handfuls other threads have their turn.
    private const int MostAtOnce = 64;

    private readonly Lock _gate = new();
    private readonly Alarm?[] _slots = new Alarm?[Slots];
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly long _start;
    private long _step;
    private long _wakeAt = long.MaxValue;
    private int _count;

    public AlarmClock(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
        _timer = time.CreateTimer(static clock => ((AlarmClock)clock!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private double Elapsed => _time.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>Sets an alarm, anew if it is set already; it goes off up to one step late and never early.</summary>
    public void Set(Alarm alarm, TimeSpan after)
    {
        lock (_gate)
        {
            Unlink(alarm);
            var elapsed = Elapsed;
            if (_count == 0)
            {
                _step = (long)(elapsed / StepMilliseconds);
            }

            alarm.Due = Math.Max(_step + 1, (long)Math.Ceiling((elapsed + Math.Max(0, after.TotalMilliseconds)) / StepMilliseconds));
            ref var slot = ref _slots[alarm.Due % Slots];
            alarm.Next = slot;
            if (slot is not null)
            {
                slot.Previous = alarm;
            }

            slot = alarm;
            _count++;
            if (alarm.Due < _wakeAt)
            {
                WakeAt(alarm.Due, elapsed);
            }
        }
    }

    /// <summary>Stops an alarm; one that goes off at this moment may still do so.</summary>
    public void Stop(Alarm alarm)
    {
        lock (_gate)
        {
            Unlink(alarm);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        foreach (var alarm in TakeDue())
        {
            alarm.OnAlarm();
        }
    }

    private List<Alarm> TakeDue()
    {
        var taken = new List<Alarm>();
        lock (_gate)
        {
            var elapsed = Elapsed;
            var now = (long)(elapsed / StepMilliseconds);
            for (var step = Math.Max(_step + 1, now - Slots + 1); step <= now && taken.Count < MostAtOnce; step++)
            {
                Take(_slots[step % Slots], now, taken);
                _step = taken.Count < MostAtOnce ? step : step - 1;
            }

            _wakeAt = long.MaxValue;
            for (var step = _step + 1; _count > 0 && _wakeAt == long.MaxValue; step++)
            {
                if (_slots[step % Slots] is not null)
                {
                    WakeAt(step, elapsed);
                }
            }
        }

        return taken;
    }

    private void Take(Alarm? alarm, long now, List<Alarm> taken)
    {
        while (alarm is not null && taken.Count < MostAtOnce)
        {
            var next = alarm.Next;
            if (alarm.Due <= now)
            {
                Unlink(alarm);
                taken.Add(alarm);
            }

            alarm = next;
        }
    }

    private void WakeAt(long step, double elapsed)
    {
        _wakeAt = step;
        _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling((step * StepMilliseconds) - elapsed))), Timeout.InfiniteTimeSpan);
    }

    private void Unlink(Alarm alarm)
    {
        if (alarm.Due < 0)
        {
            return;
        }

        if (alarm.Previous is null)
        {
            _slots[alarm.Due % Slots] = alarm.Next;
        }
        else
        {
            alarm.Previous.Next = alarm.Next;
        }

        if (alarm.Next is not null)
        {
            alarm.Next.Previous = alarm.Previous;
        }

        (alarm.Next, alarm.Previous, alarm.Due) = (null, null, -1);
        _count--;
    }
}

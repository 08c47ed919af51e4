namespace Edge.Dns.Resolver.Upstreams;

/// <summary>
/// Many short waits on one timer: a wheel of lists, one for each step of time (Varghese and Lauck, 1987). To set or
/// to stop an alarm costs a lock and two links; the timer runs only while something waits.
/// </summary>
internal sealed class AlarmClock : IDisposable
{
    private const int StepMilliseconds = 10;
    private const int Slots = 256;

    private readonly Lock _gate = new();
    private readonly Alarm?[] _slots = new Alarm?[Slots];
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly long _start;
    private long _step;
    private int _count;
    private bool _running;

    public AlarmClock(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
        _timer = time.CreateTimer(static clock => ((AlarmClock)clock!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private long Now => (long)(_time.GetElapsedTime(_start).TotalMilliseconds / StepMilliseconds);

    /// <summary>Sets an alarm, anew if it is set already; it goes off up to one step late and never early.</summary>
    public void Set(Alarm alarm, TimeSpan after)
    {
        lock (_gate)
        {
            Unlink(alarm);
            var now = Now;
            if (_count == 0)
            {
                _step = now;
            }

            alarm.Due = Math.Max(now, _step) + 1 + (long)Math.Ceiling(Math.Max(0, after.TotalMilliseconds) / StepMilliseconds);
            ref var slot = ref _slots[alarm.Due % Slots];
            alarm.Next = slot;
            if (slot is not null)
            {
                slot.Previous = alarm;
            }

            slot = alarm;
            _count++;
            if (!_running)
            {
                _running = true;
                _timer.Change(TimeSpan.FromMilliseconds(StepMilliseconds), TimeSpan.FromMilliseconds(StepMilliseconds));
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
            var now = Now;
            for (var step = Math.Max(_step + 1, now - Slots + 1); step <= now; step++)
            {
                for (var alarm = _slots[step % Slots]; alarm is not null;)
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

            _step = Math.Max(_step, now);
            if (_count == 0 && _running)
            {
                _running = false;
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        return taken;
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

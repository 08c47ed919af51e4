namespace Edge.Dns.Multicast;

/// <summary>What is to be done later, in order. It is not safe for several threads: whoever owns it holds a lock.</summary>
internal sealed class Agenda(TimeProvider time)
{
    private readonly PriorityQueue<Appointment, (TimeSpan Due, long Order)> _waiting = new();
    private readonly long _began = time.GetTimestamp();
    private long _order;

    /// <summary>The time since the beginning; it does not jump with the clock.</summary>
    public TimeSpan Now => time.GetElapsedTime(_began);

    /// <summary>How long it is until something is due; null when nothing waits.</summary>
    public TimeSpan? Wait => !_waiting.TryPeek(out _, out var first) ? null : first.Due > Now ? first.Due - Now : TimeSpan.Zero;

    /// <summary>How much waits.</summary>
    public int Count => _waiting.Count;

    /// <summary>Takes up an appointment, which stands here once: at another time it stands no more.</summary>
    public void Set(Appointment appointment, TimeSpan due)
    {
        _waiting.Remove(appointment, out _, out _);
        _waiting.Enqueue(appointment, (due, _order++));
    }

    /// <summary>Does what is due.</summary>
    public void Run()
    {
        var now = Now;
        while (_waiting.TryPeek(out var appointment, out var first) && first.Due <= now)
        {
            _waiting.Dequeue();
            appointment.Keep();
        }
    }
}

namespace Edge.Dns.Queries;

/// <summary>How far a ring was read.</summary>
/// <param name="slots">The ring's memory now; null while nothing is recorded.</param>
internal sealed class RingReader(Func<QuerySlots?> slots)
{
    private QuerySlots? _slots;
    private long _next;
    private long _stuck = -1;

    /// <summary>Queries that were written over before they were read, or never finished.</summary>
    public long Missed { get; private set; }

    /// <summary>Reads what was written since the last time; returns how many queries that were, missed ones among them.</summary>
    public long Read(SlotTaker take)
    {
        var count = 0L;
        var now = slots();
        if (!ReferenceEquals(now, _slots))
        {
            if (_slots is not null)
            {
                // Who was at work when the memory was exchanged has come to an end since.
                count = Read(_slots, take);
                _slots.Wipe();
            }

            (_slots, _next, _stuck) = (now, 0, -1);
        }

        return now is null ? count : count + Read(now, take);
    }

    private long Read(QuerySlots current, SlotTaker take)
    {
        var first = _next;
        var end = Volatile.Read(ref current.Next);
        if (end - _next > QuerySlots.Count)
        {
            Missed += end - QuerySlots.Count - _next;
            _next = end - QuerySlots.Count;
        }

        for (; _next < end; _next++)
        {
            if (current.TryRead(_next, out var slot))
            {
                take(ref slot);
            }
            else if (current.IsPending(_next) && _stuck != _next)
            {
                // Its writer is at it. The next time it is there, or never comes: another one had its place.
                _stuck = _next;
                break;
            }
            else
            {
                Missed++;
            }
        }

        return _next - first;
    }
}

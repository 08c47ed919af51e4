namespace Edge.Dns.Queries;

/// <summary>The last so many pieces of time, each with a value of its own; those that are over make room for new ones.</summary>
/// <param name="count">How many.</param>
/// <param name="length">How long each is.</param>
/// <param name="make">Makes an empty value.</param>
/// <typeparam name="T">The value.</typeparam>
internal sealed class RollingSlots<T>(int count, TimeSpan length, Func<T> make)
    where T : class
{
    private readonly (long Number, T? Value)[] _slots = new (long, T?)[count];

    /// <summary>The value of that moment; null when it lies before all that is held. What has become too old by then is let go.</summary>
    /// <param name="time">In ticks of UTC.</param>
    public T? At(long time)
    {
        var number = time / length.Ticks;
        ref var slot = ref _slots[number % count];
        if (slot.Number > number)
        {
            return null;
        }

        if (slot.Number != number || slot.Value is null)
        {
            slot = (number, make());
            foreach (ref var other in _slots.AsSpan())
            {
                other = other.Number <= number - count ? default : other;
            }
        }

        return slot.Value;
    }

    /// <summary>What is held of that moment and before it, in order.</summary>
    public IEnumerable<(DateTimeOffset Time, T Value)> Current(long time)
    {
        var last = time / length.Ticks;
        for (var number = last - count + 1; number <= last; number++)
        {
            var slot = _slots[number % count];
            if (slot.Number == number && slot.Value is { } value)
            {
                yield return (new DateTimeOffset(number * length.Ticks, TimeSpan.Zero), value);
            }
        }
    }

    /// <summary>Lets go of all.</summary>
    public void Clear() => Array.Clear(_slots);
}

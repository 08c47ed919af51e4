namespace Edge.DynamicDns;

/// <summary>When names end that were lent, by the clock that nobody sets: a wall clock that jumps ends nothing and prolongs nothing.</summary>
internal sealed class LentNames(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _ends = new(StringComparer.Ordinal);

    /// <summary>Names whose time is over. They stay until they are set anew, so that an end that failed is tried again.</summary>
    public IReadOnlyList<string> Due
    {
        get
        {
            lock (_lock)
            {
                var now = time.GetTimestamp();
                return [.. _ends.Where(one => one.Value <= now).Select(one => one.Key)];
            }
        }
    }

    /// <summary>Gives a name its time.</summary>
    /// <param name="host">The name.</param>
    /// <param name="left">How long from now; null for always.</param>
    public void Set(string host, TimeSpan? left)
    {
        lock (_lock)
        {
            if (left is { } some)
            {
                _ends[host] = time.GetTimestamp() + (long)(some.TotalSeconds * time.TimestampFrequency);
            }
            else
            {
                _ends.Remove(host);
            }
        }
    }
}

namespace Edge.Stores;

/// <summary>A watch asked for changes older than the store remembers.</summary>
internal sealed class StoreCompactedException(long oldest) : Exception($"the store remembers changes from revision {oldest} on; list again")
{
    /// <summary>The oldest revision that can still be watched from.</summary>
    public long Oldest { get; } = oldest;
}

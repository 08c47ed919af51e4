namespace Edge.Dns.Snapshots;

/// <summary>A key at which two maps differ.</summary>
/// <param name="Key">The key.</param>
/// <param name="Before">Its value in the first; null when it has none there.</param>
/// <param name="After">Its value in the second; null when it has none there.</param>
public readonly record struct MapDifference<TKey, TValue>(TKey Key, TValue? Before, TValue? After)
    where TValue : class;

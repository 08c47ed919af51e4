namespace Edge.Stores;

/// <summary>The number of a lease; never 0, never used twice.</summary>
internal readonly record struct LeaseId(long Value);

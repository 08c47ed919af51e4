using System.Collections.Immutable;

namespace Edge.Stores;

/// <summary>What one write changes; it becomes durable as a whole or not at all.</summary>
internal sealed record StoreBatch
{
    /// <summary>Changed keys, each with its own revision, in order.</summary>
    public ImmutableArray<StoreChange> Changes { get; init; } = [];

    /// <summary>Leases granted or renewed.</summary>
    public ImmutableArray<StoredLease> Leases { get; init; } = [];

    /// <summary>Leases that ended.</summary>
    public ImmutableArray<LeaseId> Ended { get; init; } = [];
}

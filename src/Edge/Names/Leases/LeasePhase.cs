namespace Edge.Names.Leases;

/// <summary>How near a lease is to its end.</summary>
internal enum LeasePhase
{
    /// <summary>It has ended: its name is free.</summary>
    Ended,

    /// <summary>It ends within a minute: caches may keep its records for a moment only.</summary>
    Ending,

    /// <summary>It lasts.</summary>
    Lasting,
}

namespace Edge.Names.Leases;

/// <summary>Whether a lease has the name that it claims.</summary>
internal enum LeaseStanding
{
    /// <summary>It has the name.</summary>
    Holder,

    /// <summary>Another device's lease is older.</summary>
    Later,

    /// <summary>A zone file, a service or an update declares the name.</summary>
    HeldByOthers,
}

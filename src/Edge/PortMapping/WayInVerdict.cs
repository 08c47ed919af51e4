namespace Edge.PortMapping;

/// <summary>Whether the internet reaches this box.</summary>
internal enum WayInVerdict
{
    /// <summary>Nobody wants to know.</summary>
    Off,

    /// <summary>No address was found.</summary>
    Unknown,

    /// <summary>There is an address, and nobody can say whether it leads here.</summary>
    Unproven,

    /// <summary>Somebody came in by it.</summary>
    Proven,

    /// <summary>The address is of this machine itself.</summary>
    Direct,

    /// <summary>It was tried from outside, and does not lead here.</summary>
    Disproved,

    /// <summary>There is another router between this one and the internet.</summary>
    DoubleNat,
}

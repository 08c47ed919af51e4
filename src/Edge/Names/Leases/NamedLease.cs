using Edge.Dns.Wire;

namespace Edge.Names.Leases;

/// <summary>A lease whose client has a name, and what is made of it.</summary>
/// <param name="lease">The lease as it stands in its file now.</param>
/// <param name="owner">The name it claims.</param>
internal sealed class NamedLease(Lease lease, Name owner)
{
    /// <summary>The lease as it stands in its file now.</summary>
    public Lease Lease { get; set; } = lease;

    public Name Owner => owner;

    /// <summary>The name of its address.</summary>
    public Name Reverse { get; } = ReverseName.Of(lease.Address);

    /// <summary>The zone that this name gets where nobody else has one for it.</summary>
    public Name Zone { get; } = ReverseName.ZoneOf(lease.Address, ReverseName.Of(lease.Address));

    /// <summary>How near its end was when its records were made.</summary>
    public LeasePhase Phase { get; set; } = LeasePhase.Ended;
}

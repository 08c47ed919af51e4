using Edge.Dns.Wire;

namespace Edge.Names.Leases;

/// <summary>A lease whose client has a name, and what is made of it.</summary>
/// <param name="lease">The lease as it stands in its file now.</param>
/// <param name="label">What it is called.</param>
/// <param name="domain">The domain that its name is in.</param>
internal sealed class NamedLease(Lease lease, string label, Name domain)
{
    /// <summary>The lease as it stands in its file now.</summary>
    public Lease Lease { get; set; } = lease;

    /// <summary>The name it claims.</summary>
    public Name Owner { get; } = domain.Prepend(label);

    public Name Domain => domain;

    /// <summary>The name of its address.</summary>
    public Name Reverse { get; } = ReverseName.Of(lease.Address);

    /// <summary>The zone that this name gets where nobody else has one for it.</summary>
    public Name Zone { get; } = ReverseName.ZoneOf(lease.Address, ReverseName.Of(lease.Address));

    /// <summary>How near its end was when its records were made.</summary>
    public LeasePhase Phase { get; set; } = LeasePhase.Ended;
}

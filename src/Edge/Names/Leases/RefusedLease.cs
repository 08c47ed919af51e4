namespace Edge.Names.Leases;

/// <summary>A lease whose client calls itself what is not served.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="Reason">Why its name is refused.</param>
internal sealed record RefusedLease(Lease Lease, string Reason);

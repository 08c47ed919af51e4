using Edge.Dns.Wire;

namespace Edge.Names.Leases;

/// <summary>A lease in force, the name that it claims, and whether it has it.</summary>
internal sealed record ExplainedLease(Lease Lease, Name Owner, LeaseStanding Standing);

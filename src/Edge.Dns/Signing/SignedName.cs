using Edge.Dns.Wire;

namespace Edge.Dns.Signing;

/// <summary>A name that a zone answers for, or a delegation in it.</summary>
/// <param name="Owner">The name.</param>
/// <param name="Types">The types of which the zone proves what is there; at a delegation NS and DS (RFC 4035 §2.3).</param>
/// <param name="IsDelegation">Whether its NS set belongs to the other side and is not signed (RFC 4035 §2.2).</param>
internal sealed record SignedName(Name Owner, RecordType[] Types, bool IsDelegation);

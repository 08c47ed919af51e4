using Edge.Dns.Wire;

namespace Edge.Dns.Nameserver;

/// <summary>A zone that is ours to answer and cannot be answered now.</summary>
/// <param name="Origin">Its apex.</param>
/// <param name="View">The only view that sees it; null for every view.</param>
/// <param name="Reason">What clients are told beside SERVFAIL (RFC 8914 §4).</param>
public sealed record UnavailableZone(Name Origin, string? View, ExtendedErrorCode Reason);

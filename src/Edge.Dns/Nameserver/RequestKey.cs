using Edge.Dns.Tsig;

namespace Edge.Dns.Nameserver;

/// <summary>A key that requests may be signed with.</summary>
/// <param name="Key">The key.</param>
/// <param name="View">The view its owner sees, wherever the request comes from; null for the view of the client's address.</param>
public sealed record RequestKey(TsigKey Key, string? View = null);

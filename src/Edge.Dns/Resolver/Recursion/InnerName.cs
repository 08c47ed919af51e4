using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>A name that lies inside a zone, until a moment of the clock.</summary>
internal sealed record InnerName(Name Zone, long ExpiresAt);

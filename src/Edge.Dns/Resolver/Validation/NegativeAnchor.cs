using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>A negative trust anchor (RFC 7646): the name and what is below it count as unsigned.</summary>
/// <param name="Name">The name.</param>
/// <param name="Until">When it ends; null when never.</param>
public sealed record NegativeAnchor(Name Name, DateTimeOffset? Until = null);

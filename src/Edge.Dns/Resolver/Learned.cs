namespace Edge.Dns.Resolver;

/// <summary>What came of a question that the cache could not answer.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="From">Who said it, for the log of queries; null where that is not known.</param>
/// <param name="IsConcluded">Whether nobody was asked: it follows from what is known of names beside it (RFC 8198).</param>
internal readonly record struct Learned(CachedAnswer Answer, string? From = null, bool IsConcluded = false);

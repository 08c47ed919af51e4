namespace Edge.Dns.Queries;

/// <summary>How many queries there were of something.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Queries">How many.</param>
public sealed record NamedCount(string Name, long Queries);

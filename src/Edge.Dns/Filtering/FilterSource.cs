namespace Edge.Dns.Filtering;

/// <summary>Where rules come from.</summary>
/// <param name="Name">What it is called: "ads"; also what clients are told (RFC 8914 §2, EXTRA-TEXT).</param>
/// <param name="Tier">Whose word it is.</param>
/// <param name="Syntax">How its lines are meant.</param>
public sealed record FilterSource(string Name, FilterTier Tier, ListSyntax Syntax);

namespace Edge.Services.Routing;

/// <summary>How destinations share the requests.</summary>
/// <param name="Kind">The way.</param>
/// <param name="By">For a hash "client", "header" or "cookie"; null otherwise.</param>
/// <param name="Name">The name of the header or cookie; null otherwise.</param>
internal sealed record Balancing(BalanceKind Kind, string? By = null, string? Name = null);

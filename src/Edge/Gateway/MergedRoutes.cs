namespace Edge.Gateway;

/// <summary>The routes of a host with those of wildcards and of any host.</summary>
/// <param name="Broader">The wildcards and the routes for any host that it was worked out with.</param>
/// <param name="Candidates">All that a request may take, in the order of trying.</param>
internal sealed record MergedRoutes(BroaderRoutes Broader, RouteCandidate[] Candidates);

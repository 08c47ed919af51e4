namespace Edge.Dns.Resolver.Recursion;

/// <summary>How recursion does, for status pages.</summary>
/// <param name="Queries">Queries sent to name servers since start.</param>
/// <param name="TcpQueries">Those of them over TCP.</param>
/// <param name="Timeouts">Those that nobody answered in time.</param>
/// <param name="LameReplies">Replies of servers that do not serve the zone they were asked for.</param>
/// <param name="Merged">Questions to a zone that waited for an equal one on its way.</param>
/// <param name="Delegations">Delegations known now.</param>
/// <param name="Servers">Name servers known now.</param>
/// <param name="IsPrimed">Whether the root said itself who its servers are, and that still holds.</param>
public sealed record RecursionStats(long Queries, long TcpQueries, long Timeouts, long LameReplies, long Merged, int Delegations, int Servers, bool IsPrimed);

using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>What is known of all name servers, and which one to ask next.</summary>
internal sealed class ServerTable(RecursionOptions options)
{
    // Servers about as quick as the quickest share the load, and make the answer's way harder to guess (RFC 5452 §4.4).
    private const double Band = 20;
    private const double ExpectedOfUnknown = 80;
    private const int ExploreOneIn = 10;

    private readonly BoundedCache<IPAddress, ServerState> _servers = new(options.MaxServers, (long)options.MaxServers * ServerState.Cost);

    public int Count => _servers.Count;

    public FamilyHealth Families { get; } = new();

    public ServerState Get(IPAddress address) => _servers.GetOrAdd(address, key => new ServerState(key), ServerState.Cost);

    /// <summary>The server to ask next; null when none of them may be asked now.</summary>
    /// <param name="candidates">The servers of the zone that were not tried yet.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="now">The time.</param>
    public ServerState? Choose(IReadOnlyCollection<ServerState> candidates, Name zone, long now)
    {
        var able = candidates.Where(server => !server.IsLame(zone, now)).ToList();
        var lively = able.Where(server => !server.IsSilent(now) && !Families.Rests(server.Address, now)).ToList();
        if (lively.Count > 0)
        {
            return AmongQuickest(lively, now);
        }

        var resting = able.Where(server => !server.IsSilent(now)).ToList();
        return resting.Count > 0 ? AmongQuickest(resting, now)
            : able.OrderBy(server => server.Expected(now) ?? 0).FirstOrDefault(server => server.TryProbe(now));
    }

    private static ServerState AmongQuickest(List<ServerState> servers, long now)
    {
        var unknown = servers.Where(server => server.Expected(now) is null).ToList();
        if (unknown.Count > 0 && Random.Shared.Next(ExploreOneIn) == 0)
        {
            return unknown[Random.Shared.Next(unknown.Count)];
        }

        var quickest = servers.Min(server => server.Expected(now) ?? ExpectedOfUnknown);
        var band = servers.Where(server => (server.Expected(now) ?? ExpectedOfUnknown) <= quickest + Band + (quickest / 4)).ToList();
        return band.Count == 0 ? servers[0] : band[Random.Shared.Next(band.Count)];
    }
}

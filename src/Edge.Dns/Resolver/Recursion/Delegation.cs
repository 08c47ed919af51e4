using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>A zone cut: who serves what lies at and below it.</summary>
/// <param name="Zone">The apex of the zone.</param>
/// <param name="Servers">Its name servers.</param>
/// <param name="ExpiresAt">The moment, in milliseconds of the clock, from which the parent must be asked again.</param>
internal sealed record Delegation(Name Zone, ImmutableArray<NameServer> Servers, long ExpiresAt)
{
    /// <summary>What the parent said, when this is what the zone says of itself: the way back if its own servers do not work.</summary>
    public Delegation? FromParent { get; init; }

    /// <summary>Bytes it takes in memory, roughly.</summary>
    public int Cost => 200 + Servers.Sum(server => 150 + server.Name.Wire.Length + (80 * server.Addresses.Length)) + (FromParent?.Cost ?? 0);
}

using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>A part of a zone of ours that other servers have.</summary>
/// <param name="Zone">The zone of ours.</param>
/// <param name="Cut">Where the part begins.</param>
/// <param name="Servers">Who has it, with the addresses that our zones give them.</param>
public sealed record OwnDelegation(Name Zone, Name Cut, ImmutableArray<(Name Name, ImmutableArray<IPAddress> Addresses)> Servers)
{
    /// <summary>Whether both say the same: lists are compared by what is in them.</summary>
    public bool Equals(OwnDelegation? other) => other is not null && Zone == other.Zone && Cut == other.Cut
        && Servers.Select(server => server.Name).SequenceEqual(other.Servers.Select(server => server.Name))
        && Servers.SelectMany(server => server.Addresses).SequenceEqual(other.Servers.SelectMany(server => server.Addresses));

    /// <inheritdoc/>
    public override int GetHashCode() => Cut.GetHashCode();
}

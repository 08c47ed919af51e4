using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>What neighbours say of a host.</summary>
/// <param name="Name">The host: "nas.local".</param>
/// <param name="Addresses">Its addresses, in order.</param>
/// <param name="Interfaces">The interfaces on which it was heard, in order.</param>
/// <param name="IsSilent">Whether all of that is what it said last, and the time of it has passed.</param>
public sealed record HeardHost(Name Name, ImmutableArray<IPAddress> Addresses, ImmutableArray<string> Interfaces, bool IsSilent)
{
    /// <inheritdoc/>
    public bool Equals(HeardHost? other) =>
        other is not null && Name == other.Name && Addresses.SequenceEqual(other.Addresses) && Interfaces.SequenceEqual(other.Interfaces) && IsSilent == other.IsSilent;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Addresses.Length);
}

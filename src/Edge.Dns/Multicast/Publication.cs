using System.Collections.Immutable;
using System.Net;

namespace Edge.Dns.Multicast;

/// <summary>A service that neighbours are to find: LABEL.local, and an instance of each way to it.</summary>
/// <param name="Label">One label of a host name.</param>
/// <param name="Instances">The ways to it, of different types.</param>
/// <param name="At">The addresses at which it listens; none means all of this machine.</param>
public sealed record Publication(string Label, ImmutableArray<PublishedInstance> Instances, ImmutableArray<IPAddress> At)
{
    /// <inheritdoc/>
    public bool Equals(Publication? other) => other is not null && Label == other.Label && Instances.SequenceEqual(other.Instances) && At.SequenceEqual(other.At);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Label, Instances.Length);

    internal ImmutableArray<IPAddress> AddressesOn(MulticastLink link) => At.IsEmpty ? link.Addresses : [.. link.Addresses.Where(address => At.Contains(address))];
}

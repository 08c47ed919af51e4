using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>A service that a neighbour says he has. Nobody vouches for any of it.</summary>
/// <param name="Instance">What it is called: UTF-8, with whatever a person has typed.</param>
/// <param name="Type">Its type: "_http._tcp".</param>
/// <param name="Host">The host that has it.</param>
/// <param name="Port">Where it listens.</param>
/// <param name="Text">What is said of it, KEY=VALUE.</param>
/// <param name="Addresses">The addresses of the host on our links.</param>
/// <param name="Interface">Where it was heard.</param>
public sealed record FoundInstance(string Instance, string Type, Name Host, int Port, ImmutableArray<string> Text, ImmutableArray<IPAddress> Addresses, string Interface)
{
    /// <inheritdoc/>
    public bool Equals(FoundInstance? other) =>
        other is not null && Instance == other.Instance && Type == other.Type && Host == other.Host && Port == other.Port
        && Text.SequenceEqual(other.Text) && Addresses.SequenceEqual(other.Addresses) && Interface == other.Interface;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Instance, Type, Port);
}

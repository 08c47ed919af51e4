using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>One name server of a delegation.</summary>
/// <param name="Name">The target of the NS record.</param>
/// <param name="Addresses">Glue: good for reaching it and for nothing else.</param>
internal sealed record NameServer(Name Name, ImmutableArray<IPAddress> Addresses)
{
    /// <summary>An address that came as well and may not be asked; null when there is none.</summary>
    public IPAddress? Refused { get; init; }
}

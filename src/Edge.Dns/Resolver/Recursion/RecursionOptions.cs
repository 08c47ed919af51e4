using System.Collections.Immutable;
using System.Net;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>How names are resolved from the root. Every default is meant to be kept.</summary>
public sealed record RecursionOptions
{
    /// <summary>Where the root's name servers are; by default those the program was built with.</summary>
    public RootHints Hints { get; init; } = RootHints.BuiltIn;

    /// <summary>Whether name servers are asked over IPv4.</summary>
    public bool UseIPv4 { get; init; } = true;

    /// <summary>Whether name servers are asked over IPv6.</summary>
    public bool UseIPv6 { get; init; } = true;

    /// <summary>The port of name servers; another one than 53 is for tests.</summary>
    public int Port { get; init; } = 53;

    /// <summary>Whether delegations may lead to addresses of private networks and of this machine.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>Addresses of this machine: it never asks itself.</summary>
    public ImmutableArray<IPAddress> OwnAddresses { get; init; } = [];

    /// <summary>Queries that one question of a client may cost in all.</summary>
    public int MaxQueries { get; init; } = 100;

    /// <summary>Addresses of name servers that one question may make us look for, at all depths together.</summary>
    public int MaxAddressLookups { get; init; } = 16;

    /// <summary>Addresses of name servers that are looked for at one time for one delegation (NXNS attack); half of it at each further depth.</summary>
    public int MaxParallelLookups { get; init; } = 4;

    /// <summary>How deep looking for the address of one server may lead to looking for that of another.</summary>
    public int MaxDepth { get; init; } = 5;

    /// <summary>Delegations remembered at one time.</summary>
    public int MaxDelegations { get; init; } = 10_000;

    /// <summary>Memory for delegations, for what lies between them, and for the addresses of name servers, in bytes for each.</summary>
    public long MaxBytes { get; init; } = 4L << 20;

    /// <summary>Name servers whose speed and habits are remembered.</summary>
    public int MaxServers { get; init; } = 10_000;

    /// <summary>Whether they come to the same: lists are compared by what is in them, so that settings read again change nothing.</summary>
    public bool Equals(RecursionOptions? other) => other is not null && Values.Equals(other.Values)
        && OwnAddresses.SequenceEqual(other.OwnAddresses) && Hints.SaysTheSame(other.Hints);

    /// <inheritdoc/>
    public override int GetHashCode() => Values.GetHashCode();

    private (bool, bool, int, bool, int, int, (int, int, int, long, int)) Values =>
        (UseIPv4, UseIPv6, Port, AllowPrivate, MaxQueries, MaxAddressLookups, (MaxParallelLookups, MaxDepth, MaxDelegations, MaxBytes, MaxServers));
}

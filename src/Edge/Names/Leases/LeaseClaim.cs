using System.Collections.Immutable;
using System.Net.Sockets;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Names.Leases;

/// <summary>All leases in force that claim one name, and the records that follow. The first one holds the name.</summary>
/// <param name="owner">The name.</param>
internal sealed class LeaseClaim(Name owner)
{
    /// <summary>Time to live in seconds of the records of a lease, and in its last minute.</summary>
    public const uint Ttl = 60;

    /// <inheritdoc cref="Ttl"/>
    public const uint LastTtl = 5;

    /// <summary>How the source of a record of a lease begins.</summary>
    public const string SourceWord = "lease in ";

    private readonly List<NamedLease> _leases = [];

    public Name Owner => owner;

    /// <summary>The leases in the order in which they came.</summary>
    public IReadOnlyList<NamedLease> Leases => _leases;

    /// <summary>Leases whose addresses the name has.</summary>
    public ImmutableArray<NamedLease> Holders { get; private set; } = [];

    /// <summary>Leases of other devices that came later.</summary>
    public ImmutableArray<NamedLease> Losers { get; private set; } = [];

    /// <summary>The addresses of the name.</summary>
    public ImmutableArray<OverlayRecord> Forward { get; private set; } = [];

    /// <summary>The names of the addresses.</summary>
    public ImmutableArray<OverlayRecord> Reverse { get; private set; } = [];

    /// <summary>Whether somebody else has the name: a zone file, a service, an update.</summary>
    public bool IsTaken { get; set; }

    public void Add(NamedLease lease) => _leases.Add(lease);

    public void Remove(NamedLease lease) => _leases.Remove(lease);

    /// <summary>Makes the records anew.</summary>
    public void Settle()
    {
        // Of IPv4 and IPv6 each, since what a device is called in one is seldom known in the other. One device may have many addresses.
        var holders = new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 }
            .ToDictionary(family => family, family => _leases.Find(lease => lease.Lease.Address.AddressFamily == family)?.Lease.Device);
        Holders = [.. _leases.Where(lease => holders[lease.Lease.Address.AddressFamily] == lease.Lease.Device)];
        Losers = [.. _leases.Except(Holders)];
        Forward = [.. Holders.Select(lease => Record(lease, owner, TypeOf(lease), RData.Address(lease.Lease.Address)))];
        Reverse = [.. Holders.Select(lease => Record(lease, lease.Reverse, RecordType.PTR, RData.Target(owner)))];
    }

    private static RecordType TypeOf(NamedLease lease) => lease.Lease.Address.AddressFamily == AddressFamily.InterNetwork ? RecordType.A : RecordType.AAAA;

    // Without the line: dnsmasq moves every line when a lease comes, and the records of the others stay as they are.
    private static OverlayRecord Record(NamedLease lease, Name at, RecordType type, RData data) => new(
        ViewOptions.Lan,
        new ResourceRecord(at, type, lease.Phase == LeasePhase.Lasting ? Ttl : LastTtl, data, new RecordSource(SourceWord + lease.Lease.File)),
        OverlayMode.Spare);
}

using System.Collections.Frozen;
using System.Collections.Immutable;
using Edge.Dns.Nameserver;
using Edge.Dns.Wire;

namespace Edge.Dns.Transfer;

/// <summary>Who may have which zone, at one moment; immutable. Nobody may what nothing here allows.</summary>
public sealed class TransferPolicy
{
    /// <summary>Nobody may have anything.</summary>
    public static readonly TransferPolicy Closed = new([], []);

    private readonly FrozenDictionary<Name, ImmutableArray<TransferPeer>> _peers;
    private readonly FrozenDictionary<Name, TransferRight> _keys;
    private readonly ImmutableArray<CatalogSetting> _catalogs;

    /// <summary>States a policy.</summary>
    /// <param name="peers">The secondaries of each zone.</param>
    /// <param name="keys">What the owners of keys may have, wherever they are.</param>
    /// <param name="catalogs">Catalogs: whoever has one may have its members as well.</param>
    public TransferPolicy(
        IEnumerable<KeyValuePair<Name, ImmutableArray<TransferPeer>>> peers, IEnumerable<KeyValuePair<Name, TransferRight>> keys, ImmutableArray<CatalogSetting> catalogs = default) =>
        (_peers, _keys, _catalogs) = (peers.ToFrozenDictionary(), keys.ToFrozenDictionary(), catalogs.IsDefault ? [] : catalogs);

    /// <summary>The secondaries of a zone: its own, and those of catalogs that list it. What the zone itself says of a server goes before.</summary>
    public ImmutableArray<TransferPeer> Peers(Name origin)
    {
        var own = _peers.GetValueOrDefault(origin, []);
        return _catalogs.IsEmpty
            ? own
            : [.. own, .. _catalogs.Where(catalog => catalog.Covers(origin)).SelectMany(catalog => catalog.Secondaries).Distinct().Where(peer => !own.Any(mine => mine.EndPoint.Equals(peer.EndPoint)))];
    }

    /// <summary>Whether anybody may have the zone: only then its changes are worth remembering.</summary>
    public bool IsOpen(Name origin) => !Peers(origin).IsEmpty || _keys.Values.Any(right => right.Covers(origin));

    /// <summary>Whether whoever sent this request may have the zone.</summary>
    public bool Allows(Exchange exchange, Name origin)
    {
        if (exchange.Key is { } key && _keys.GetValueOrDefault(key)?.Covers(origin) == true)
        {
            return true;
        }

        foreach (var peer in Peers(origin))
        {
            if (ClientAddress.From(peer.EndPoint.Address) == exchange.Context.Client
                && (peer.Key is null || peer.Key == exchange.Key)
                && (!peer.TlsOnly || exchange.Context.Transport is Transport.Tls or Transport.Quic))
            {
                return true;
            }
        }

        return false;
    }
}

using System.Collections.Immutable;
using System.Net;

namespace Edge.Dns.Nameserver;

/// <summary>The addresses and networks that get no answer for a while: an immutable snapshot, asked for every query and request.</summary>
public sealed class BanSet
{
    private const int MappedBits = 96;

    /// <summary>Nobody is banned.</summary>
    public static readonly BanSet None = new([], TimeProvider.System);

    private readonly Networks[] _lengths;
    private readonly TimeProvider _time;
    private readonly AddressNetworks _spared;

    /// <summary>Makes a snapshot.</summary>
    /// <param name="bans">Networks, each with the time its ban ends; of two for the same network the later end counts.</param>
    /// <param name="time">Says what has ended.</param>
    /// <param name="spared">Networks whose clients are not banned, whatever network around them is.</param>
    public BanSet(IEnumerable<(IPNetwork Network, DateTimeOffset Until)> bans, TimeProvider time, ImmutableArray<IPNetwork> spared = default)
    {
        _time = time;
        _spared = new AddressNetworks(spared.IsDefault ? [] : spared);
        _lengths = [.. bans.GroupBy(ban => Length(ban.Network)).Select(group => new Networks(group.Key, Ends(group.Key, group)))];
    }

    /// <summary>Whether nobody is banned, which is nearly always.</summary>
    public bool IsEmpty => _lengths.Length == 0;

    /// <summary>Whether a client is banned now; allocates nothing.</summary>
    public bool Contains(ClientAddress client)
    {
        foreach (var networks in _lengths)
        {
            if (networks.Ends.TryGetValue(Prefix(client.Bits, networks.Length), out var until) && until > _time.GetUtcNow().UtcTicks)
            {
                return !_spared.Contains(client);
            }
        }

        return false;
    }

    private static Dictionary<UInt128, long> Ends(int length, IEnumerable<(IPNetwork Network, DateTimeOffset Until)> bans)
    {
        var ends = new Dictionary<UInt128, long>();
        foreach (var (network, until) in bans)
        {
            var prefix = Prefix(ClientAddress.From(network.BaseAddress).Bits, length);
            ends[prefix] = Math.Max(ends.GetValueOrDefault(prefix), until.UtcTicks);
        }

        return ends;
    }

    // IPv4 in its mapped form (RFC 4291 §2.5.5.2).
    private static int Length(IPNetwork network) => network.PrefixLength + (network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? MappedBits : 0);

    private static UInt128 Prefix(UInt128 bits, int length) => length == 0 ? UInt128.Zero : bits >> (128 - length);

    private sealed record Networks(int Length, Dictionary<UInt128, long> Ends);
}

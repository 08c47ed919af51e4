using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Edge.Dns.Views;

/// <summary>
/// All views at one moment, immutable. A client belongs to the view with the most specific network that holds its
/// address; who is in no network is "public", which is always the last view. Of two equal networks a declared one
/// goes before an on-link one, then the view that was stated first. A view may also be entered by the address asked.
/// </summary>
public sealed class ViewSet
{
    private readonly ImmutableArray<(int View, IPNetwork Network, string Source)> _networks;
    private readonly PrefixTable<uint> _v4;
    private readonly PrefixTable<UInt128> _v6;
    private readonly (UInt128 Address, int View)[] _askedAt;

    /// <summary>Builds the set.</summary>
    /// <param name="views">The views in the order they were stated; "public" is moved to the end, or added there.</param>
    /// <param name="onLink">The prefixes that views with <see cref="View.OnLink"/> stand for.</param>
    public ViewSet(ImmutableArray<View> views, ImmutableArray<OnLinkPrefix> onLink = default)
    {
        var publicView = views.FirstOrDefault(v => v.Name == View.PublicName) ?? View.Declare(View.PublicName, []);
        Views = [.. views.Where(v => v.Name != View.PublicName), publicView];
        var declared = Views.SelectMany((view, i) => view.Clients.Select(n => (i, Normalise(n), $"declared in view {view.Name}")));
        var live = Views.SelectMany((view, i) => view.OnLink && !onLink.IsDefault
            ? onLink.Select(p => (i, Normalise(p.Network), $"on-link at {p.Interface}"))
            : []);
        _networks = [.. declared, .. live];
        _askedAt = [.. Views.SelectMany((view, i) => view.AskedAt.Select(address => (V6(address.MapToIPv6().GetAddressBytes()), i)))];
        _v4 = new(_networks.Select((n, i) => (n.Network, i)).Where(n => n.Network.BaseAddress.AddressFamily == AddressFamily.InterNetwork)
            .Select(n => (V4(n.Network.BaseAddress.GetAddressBytes()), n.Network.PrefixLength, n.i)));
        _v6 = new(_networks.Select((n, i) => (n.Network, i)).Where(n => n.Network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6)
            .Select(n => (V6(n.Network.BaseAddress.GetAddressBytes()), n.Network.PrefixLength, n.i)));
    }

    /// <summary>The views; what <see cref="Match(IPAddress)"/> returns is an index into this.</summary>
    public ImmutableArray<View> Views { get; }

    /// <summary>The index of "public": the last one.</summary>
    public int PublicIndex => Views.Length - 1;

    /// <summary>The view at an index from <see cref="Match(IPAddress)"/>.</summary>
    public View this[int index] => Views[index];

    /// <summary>The index of the view of that name; -1 when there is none.</summary>
    public int IndexOf(string name)
    {
        for (var i = 0; i < Views.Length; i++)
        {
            if (Views[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The networks that put clients into a view, those that are on-link among them.</summary>
    public ImmutableArray<IPNetwork> NetworksOf(int view) => [.. _networks.Where(network => network.View == view).Select(network => network.Network)];

    /// <summary>The index of the client's view.</summary>
    public int Match(IPAddress client)
    {
        Span<byte> address = stackalloc byte[16];
        return client.TryWriteBytes(address, out var length) ? Match(address[..length]) : PublicIndex;
    }

    /// <summary>
    /// The index of the view of a client given by its address in network order: 4 or 16 bytes. An IPv4-mapped IPv6
    /// address is the IPv4 address in it (RFC 4291 §2.5.5.2). Anything else is public.
    /// </summary>
    public int Match(ReadOnlySpan<byte> address)
    {
        var network = FindNetwork(address);
        return network < 0 ? PublicIndex : _networks[network].View;
    }

    /// <summary>
    /// The index of the view that belongs to an address of this machine, given in its sixteen bytes with IPv4 mapped;
    /// -1 when the address asked decides nothing.
    /// </summary>
    public int MatchAsked(ReadOnlySpan<byte> server)
    {
        // A handful of addresses at most, and usually none.
        foreach (var (address, view) in _askedAt)
        {
            if (address == V6(server))
            {
                return view;
            }
        }

        return -1;
    }

    /// <summary>
    /// The same for a network, and the length in bits of the shortest prefix around it in which all addresses are in
    /// that view (RFC 7871 §7.2.1).
    /// </summary>
    public int Match(ReadOnlySpan<byte> address, out int scope)
    {
        int network;
        if (IsMapped(address))
        {
            network = _v4.Find(V4(address[12..]), out scope);
        }
        else
        {
            network = _v6.Find(V6(address), out scope);
        }

        return network < 0 ? PublicIndex : _networks[network].View;
    }

    /// <summary>Which network put the client into its view, and where that network comes from.</summary>
    public ViewMatch Explain(IPAddress client)
    {
        var network = FindNetwork(client.GetAddressBytes());
        return network < 0
            ? new ViewMatch(Views[PublicIndex], null, "no network matches")
            : new ViewMatch(Views[_networks[network].View], _networks[network].Network, _networks[network].Source);
    }

    private int FindNetwork(ReadOnlySpan<byte> address) => address.Length switch
    {
        4 => _v4.Find(V4(address)),
        16 when IsMapped(address) => _v4.Find(V4(address[12..])),
        16 => _v6.Find(V6(address)),
        _ => -1,
    };

    private static bool IsMapped(ReadOnlySpan<byte> address) => V6(address) >> 32 == 0xFFFF;

    private static uint V4(ReadOnlySpan<byte> address) => BinaryPrimitives.ReadUInt32BigEndian(address);

    private static UInt128 V6(ReadOnlySpan<byte> address) => BinaryPrimitives.ReadUInt128BigEndian(address);

    // People write 192.168.1.10/24 and ::ffff:192.168.1.0/120; both mean the plain IPv4 network.
    private static IPNetwork Normalise(IPNetwork network)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        var length = network.PrefixLength;
        if (bytes.Length == 16 && length >= 96 && IsMapped(bytes))
        {
            bytes = bytes[12..];
            length -= 96;
        }

        return OnLinkPrefixes.Network(bytes, length);
    }
}

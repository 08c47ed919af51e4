using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Edge.Dns.Wire;
using Edge.Dns.Zones.Aliases;

namespace Edge.Dns.Zones;

/// <summary>Every zone of every view at one moment: what a query is answered from. Immutable; replaced as a whole.</summary>
public sealed class ZoneSet
{
    private readonly ImmutableArray<string> _views;
    private readonly ImmutableArray<ImmutableArray<Zone>> _zonesPerView;
    private readonly NameTable[] _origins;
    private readonly int[] _longestOrigin;

    /// <summary>One array of zones for each view, in the order of the views.</summary>
    public ZoneSet(ImmutableArray<string> views, ImmutableArray<ImmutableArray<Zone>> zonesPerView)
    {
        if (views.Length != zonesPerView.Length)
        {
            throw new ArgumentException("one array of zones for each view", nameof(zonesPerView));
        }

        _views = views;
        _zonesPerView = zonesPerView;
        _origins = [.. zonesPerView.Select(zones => new NameTable([.. zones.Select(zone => zone.Origin)]))];
        _longestOrigin = [.. zonesPerView.Select(zones => zones.Select(zone => zone.Origin.LabelCount).DefaultIfEmpty(0).Max())];
    }

    /// <summary>The names of the views; their places are the indexes the other methods take.</summary>
    public ImmutableArray<string> Views => _views;

    /// <summary>The ALIAS records in effect; zones have what they lead to, and not them.</summary>
    public ImmutableArray<ZoneAlias> Aliases { get; init; } = [];

    /// <summary>The index of a view, -1 when there is none of that name.</summary>
    public int IndexOf(string view) => _views.IndexOf(view);

    /// <summary>All zones of a view.</summary>
    public ImmutableArray<Zone> Zones(int view) => _zonesPerView[view];

    /// <summary>The zone whose origin is the closest at or above the name (RFC 1034 §4.3.2 step 2); null when there is none.</summary>
    [SkipLocalsInit]
    public Zone? Find(int view, ReadOnlySpan<byte> qnameWire)
    {
        Span<byte> starts = stackalloc byte[NameSuffixes.MaxCount];
        Span<int> hashes = stackalloc int[NameSuffixes.MaxCount];
        return Find(view, new NameSuffixes(qnameWire, starts, hashes));
    }

    /// <summary>The same for a name taken apart; zones nearer than the suffix <paramref name="from"/> do not count.</summary>
    internal Zone? Find(int view, scoped NameSuffixes name, int from = 0)
    {
        var origins = _origins[view];
        for (var suffix = Math.Max(from, name.LabelCount - _longestOrigin[view]); suffix <= name.LabelCount; suffix++)
        {
            var place = origins.Find(name.Hash(suffix), name[suffix]);
            if (place >= 0)
            {
                return _zonesPerView[view][place];
            }
        }

        return null;
    }
}

using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>Every zone of every view at one moment: what a query is answered from. Immutable; replaced as a whole.</summary>
public sealed class ZoneSet
{
    private readonly ImmutableArray<string> _views;
    private readonly ImmutableArray<ImmutableArray<Zone>> _zonesPerView;

    /// <summary>One array of zones for each view, in the order of the views.</summary>
    public ZoneSet(ImmutableArray<string> views, ImmutableArray<ImmutableArray<Zone>> zonesPerView)
    {
        if (views.Length != zonesPerView.Length)
        {
            throw new ArgumentException("one array of zones for each view", nameof(zonesPerView));
        }

        _views = views;
        _zonesPerView = zonesPerView;
    }

    /// <summary>The names of the views; their places are the indexes the other methods take.</summary>
    public ImmutableArray<string> Views => _views;

    /// <summary>The index of a view, -1 when there is none of that name.</summary>
    public int IndexOf(string view) => _views.IndexOf(view);

    /// <summary>All zones of a view.</summary>
    public ImmutableArray<Zone> Zones(int view) => _zonesPerView[view];

    /// <summary>The zone whose origin is the closest at or above the name (RFC 1034 §4.3.2 step 2); null when there is none.</summary>
    public Zone? Find(int view, ReadOnlySpan<byte> qnameWire)
    {
        for (var i = 0; ; i += qnameWire[i] + 1)
        {
            foreach (var zone in _zonesPerView[view])
            {
                if (NameComparison.Equal(zone.Origin.Wire, qnameWire[i..]))
                {
                    return zone;
                }
            }

            if (qnameWire[i] == 0)
            {
                return null;
            }
        }
    }
}

using Edge.Dns.Filtering;
using Edge.Dns.Signing;
using Edge.Dns.Views;
using Edge.Dns.Zones;

namespace Edge.Dns.Nameserver;

/// <summary>The zones and views of one moment, joined: views are stated in two places and meet by their names.</summary>
internal sealed class ServingSnapshot
{
    private static int s_last;
    private readonly int[] _zoneViews;

    public ServingSnapshot(ZoneSet zones, ViewSet views, SignerSet signers, FilterPolicy filter, object? resolving)
    {
        Filter = filter;
        Resolving = resolving;
        Zones = zones;
        Views = views;
        Signers = signers;
        _zoneViews = [.. views.Views.Select(view => zones.IndexOf(view.Name))];
    }

    /// <summary>No other snapshot has it; above 0.</summary>
    public int Number { get; } = Interlocked.Increment(ref s_last);

    public ZoneSet Zones { get; }

    public ViewSet Views { get; }

    public SignerSet Signers { get; }

    /// <summary>The filter that questions for other names pass.</summary>
    public FilterPolicy Filter { get; }

    /// <summary>The resolver's settings; null where there is no resolver.</summary>
    public object? Resolving { get; }

    /// <summary>The view of who asks; -1 when there is none, or when its zones are not built yet.</summary>
    /// <param name="context">Who asks, and how.</param>
    /// <param name="standing">What the query's options say of the client.</param>
    /// <param name="scope">For how many bits of the client's subnet the view is the same.</param>
    public int ViewOf(in QueryContext context, in ClientStanding standing, out int scope)
    {
        var view = ViewChoice.Of(context, standing, Views, out scope);
        return view >= 0 && ZoneView(view) >= 0 ? view : -1;
    }

    /// <summary>A view's index in <see cref="Zones"/>; -1 while the zones of a new view are not built yet.</summary>
    public int ZoneView(int view) => _zoneViews[view];
}

using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Transfer;

/// <summary>The catalogs of our zones, as a source of zones that follows what is served (RFC 9432).</summary>
public sealed class CatalogSource : IZoneSource
{
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<Wire.Name, (CatalogSetting Setting, ImmutableArray<Wire.Name> Members, DeclaredZone Zone)> _catalogs = [];
    private ImmutableArray<CatalogSetting> _settings;
    private ZoneManager? _zones;
    private volatile ZoneContribution _current = ZoneContribution.Empty;

    /// <summary>Catalogs without members, until there are zones to <see cref="Follow"/>.</summary>
    public CatalogSource(ImmutableArray<CatalogSetting> settings, TimeProvider time) => (_settings, _time) = (settings, time);

    /// <inheritdoc/>
    public string Name => "catalogs";

    /// <inheritdoc/>
    public ZoneContribution Current => _current;

    /// <inheritdoc/>
    public event Action? Changed;

    /// <summary>Lists the zones that are served now and from now on.</summary>
    public void Follow(ZoneManager zones)
    {
        _zones = zones;
        zones.Changed += List;
        List();
    }

    /// <summary>Takes over other catalogs.</summary>
    public void Use(ImmutableArray<CatalogSetting> settings)
    {
        lock (_gate)
        {
            _settings = settings;
        }

        List();
    }

    private void List()
    {
        bool changed;
        lock (_gate)
        {
            var before = _current.Zones;
            ImmutableArray<DeclaredZone> now = [.. _settings.Select(Catalog)];
            changed = before.Length != now.Length || before.Zip(now).Any(pair => !ReferenceEquals(pair.First, pair.Second));
            if (changed)
            {
                _current = new ZoneContribution(now, []);
            }
        }

        if (changed)
        {
            Changed?.Invoke();
        }
    }

    private DeclaredZone Catalog(CatalogSetting setting)
    {
        var members = MembersOf(setting);
        if (_catalogs.TryGetValue(setting.Origin, out var last) && last.Setting == setting && last.Members.SequenceEqual(members))
        {
            return last.Zone;
        }

        // The time as serial: it grows over restarts as well (RFC 1982).
        var zone = CatalogZone.Of(setting, members, (uint)_time.GetUtcNow().ToUnixTimeSeconds());
        _catalogs[setting.Origin] = (setting, members, zone);
        return zone;
    }

    private ImmutableArray<Wire.Name> MembersOf(CatalogSetting setting)
    {
        if (_zones?.Current is not { } zones || zones.IndexOf(setting.View) is not (>= 0 and var view))
        {
            return [];
        }

        var catalogs = _settings.Select(one => one.Origin).ToHashSet();
        return [.. zones.Zones(view).Select(zone => zone.Origin).Where(origin => setting.Covers(origin) && !catalogs.Contains(origin)).Order()];
    }
}

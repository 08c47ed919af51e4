using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones.Aliases;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Zones;

/// <summary>
/// The one writer of what is served: joins all sources into a complete version of every zone for every view, and
/// swaps it in as a whole. Readers take <see cref="Current"/> and never wait.
/// </summary>
public sealed partial class ZoneManager : IDisposable
{
    private readonly ImmutableArray<IZoneSource> _sources;
    private readonly ImmutableArray<string> _views;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly IServedSerials? _serials;
    private readonly Lock _gate = new();

    // What was served once is remembered even when its zone goes, so that its serial never goes back when it returns.
    private readonly Dictionary<(string View, Name Origin), ZoneVersion> _versions = [];
    private volatile ZoneSet _current;
    private ZoneInputs? _inputs;
    private ImmutableArray<OverlayRecord> _unplaced = [];
    private ImmutableHashSet<string> _told = [];

    /// <summary>Joins the sources as they are now and follows them until disposed.</summary>
    /// <param name="sources">Where zones and records come from; of two that declare the same zone the first one counts.</param>
    /// <param name="views">The names of all views.</param>
    /// <param name="logger">Told about zones that appear, change and go.</param>
    /// <param name="time">Measures how long a rebuild takes.</param>
    /// <param name="serials">Remembers serials over restarts; null where nothing is kept.</param>
    public ZoneManager(IEnumerable<IZoneSource> sources, ImmutableArray<string> views, ILogger logger, TimeProvider time, IServedSerials? serials = null)
    {
        (_sources, _views, _logger, _time, _serials) = ([.. sources], views, logger, time, serials);
        _current = new ZoneSet(views, [.. views.Select(_ => ImmutableArray<Zone>.Empty)]);
        foreach (var source in _sources)
        {
            source.Changed += Rebuild;
        }

        Rebuild();
    }

    /// <summary>What is served now; take it once per query.</summary>
    public ZoneSet Current => _current;

    /// <summary>
    /// Overlay records that are not served: outside of all zones, below a delegation or a DNAME, beside a CNAME, or
    /// spare ones (<see cref="OverlayMode.Spare"/>) of a name that somebody else declares.
    /// A <see cref="OverlayMode.Fill"/> record that gives way to a file is not among them.
    /// </summary>
    public ImmutableArray<OverlayRecord> Unplaced
    {
        get
        {
            lock (_gate)
            {
                return _unplaced;
            }
        }
    }

    /// <summary>Raised after <see cref="Current"/> was replaced.</summary>
    public event Action? Changed;

    /// <summary>
    /// Raised with every zone of every view that was replaced, before anybody else can replace it again: publications come
    /// in the order in which versions follow each other. Handlers take note and do not wait for others.
    /// </summary>
    public event Action<ImmutableArray<ZonePublication>>? Published;

    /// <summary>Stops following the sources; <see cref="Current"/> stays.</summary>
    public void Dispose()
    {
        foreach (var source in _sources)
        {
            source.Changed -= Rebuild;
        }
    }

    private void Rebuild()
    {
        bool changed;
        lock (_gate)
        {
            var began = _time.GetTimestamp();
            var inputs = _inputs = ZoneInputs.Gather(_sources.Select(source => source.Current), _views, _inputs);
            var perView = ImmutableArray.CreateBuilder<ImmutableArray<Zone>>(_views.Length);
            var unplaced = new HashSet<OverlayRecord>(inputs.Outside);
            var built = 0;
            foreach (var view in _views)
            {
                var versions = inputs.ZonesOf(view).Select(zone => Take(view, zone, inputs, ref built)).ToList();
                versions.ForEach(version => unplaced.UnionWith(version.Unplaced));
                perView.Add([.. versions.Select(version => version.Zone)]);
            }

            var before = _current;
            var aliases = Aliases(inputs);
            changed = !aliases.SequenceEqual(before.Aliases) || Enumerable.Range(0, _views.Length).Any(view => !before.Zones(view).AsSpan().SequenceEqual(perView[view].AsSpan()));
            _unplaced = [.. unplaced];
            Tell(inputs);
            if (changed)
            {
                _current = new ZoneSet(_views, perView.ToImmutable()) { Aliases = aliases };
                Log.Swapped(_logger, built, perView.Sum(zones => zones.Length), _time.GetElapsedTime(began).TotalMilliseconds);
                Published?.Invoke([.. Enumerable.Range(0, _views.Length).SelectMany(view => Replaced(_views[view], before.Zones(view), _current.Zones(view)))]);
            }
        }

        if (changed)
        {
            Changed?.Invoke();
        }
    }

    private static IEnumerable<ZonePublication> Replaced(string view, ImmutableArray<Zone> before, ImmutableArray<Zone> after)
    {
        var old = before.ToDictionary(zone => zone.Origin);
        foreach (var zone in after)
        {
            if (!old.Remove(zone.Origin, out var last) || !ReferenceEquals(last, zone))
            {
                yield return new ZonePublication(view, zone.Origin, last, zone);
            }
        }

        foreach (var gone in old.Values)
        {
            yield return new ZonePublication(view, gone.Origin, gone, null);
        }
    }

    // A few names at most: what changes of them is told to whoever follows the zones.
    private ImmutableArray<ZoneAlias> Aliases(ZoneInputs inputs) =>
    [
        .. from view in _views
           from zone in inputs.ZonesOf(view)
           from alias in _versions[(view, zone.Origin)].Aliases
           select new ZoneAlias(view, zone.Origin, alias.Owner, Name.FromWire(alias.Data[0].Wire), alias.Ttl, alias.Source),
    ];

    private ZoneVersion Take(string view, DeclaredZone zone, ZoneInputs inputs, ref int built)
    {
        var key = (view, zone.Origin);
        var last = _versions.GetValueOrDefault(key);
        var known = last is null ? _serials?.Find(view, zone.Origin) : null;
        var version = ZoneVersion.Build(zone, inputs.ForView(view, zone), inputs.Owners(view, zone.Origin), last, known);
        if (ReferenceEquals(version, last))
        {
            return last;
        }

        built++;
        _serials?.Keep(view, zone.Origin, new ServedSerial(version.Zone.Serial, version.Zone.Digest));
        return _versions[key] = version;
    }

    private void Tell(ZoneInputs inputs)
    {
        // Of a spare record its source knows better what it means that it is not served.
        var now = _unplaced.Where(record => record.Mode != OverlayMode.Spare).Select(record => $"{record.Record.Owner} {RecordText.FormatType(record.Record.Type)} of {record.Record.Source}")
            .Concat(inputs.Ignored.Select(zone => $"a second declaration of the zone {zone.Origin}")).ToImmutableHashSet();
        foreach (var unserved in now.Except(_told))
        {
            Log.NotServed(_logger, unserved);
        }

        _told = now;
    }

    private static partial class Log
    {
        [LoggerMessage(1110, LogLevel.Debug, "{Built} zones of views rebuilt, {Zones} zones are served, in {Milliseconds} ms")]
        public static partial void Swapped(ILogger logger, int built, int zones, double milliseconds);

        [LoggerMessage(1111, LogLevel.Warning, "Not served: {Record} (no zone file declares its zone, or the name is delegated or an alias)")]
        public static partial void NotServed(ILogger logger, string record);
    }
}

using System.Collections.Immutable;

namespace Edge.Services;

/// <summary>
/// The one writer of the set of services: collects what the sources declare, settles conflicts and hands the set to
/// those who serve it, in an order in which no name is ever served without its route.
/// </summary>
internal sealed partial class ServiceCatalog
{
    private const int MostTries = 5;

    private readonly Lock _writing = new();
    private readonly DeclaredServices _declared;
    private readonly IServiceReader _certificates;
    private readonly IServiceReader _gateway;
    private readonly IServiceReader _names;
    private readonly ILogger<ServiceCatalog> _log;
    private volatile ServiceSet _current = ServiceSet.Empty;
    private long _version;

    /// <param name="sources">The sources, in any order: what a stronger kind declares no weaker one can take.</param>
    /// <param name="certificates">Learns of a host first, so that its certificate is on the way, and forgets it last.</param>
    /// <param name="gateway">Routes a host before its name is served, and until after.</param>
    /// <param name="names">Publishes names last, and withdraws them first.</param>
    /// <param name="log">Where conflicts and failing readers are told.</param>
    public ServiceCatalog(IReadOnlyList<IServiceSource> sources, IServiceReader certificates, IServiceReader gateway, IServiceReader names, ILogger<ServiceCatalog> log)
    {
        (_declared, _certificates, _gateway, _names, _log) = (new DeclaredServices([.. sources.OrderBy(source => source.Kind)]), certificates, gateway, names, log);
        foreach (var source in sources)
        {
            source.Changed += Publish;
        }
    }

    /// <summary>The services in effect: the set that every reader serves.</summary>
    public ServiceSet Current => _current;

    /// <summary>
    /// Takes what the sources declare now and makes it live; the first call serves even an empty set. Only what has to do
    /// with the change is settled anew: who shares no name and no host with it, not even by way of others, keeps what he has.
    /// </summary>
    public void Publish()
    {
        lock (_writing)
        {
            var previous = _current;
            var changed = _declared.Take();
            if (changed.Count == 0 && _version > 0)
            {
                return;
            }

            var (around, names) = _declared.Around(changed);
            var (services, lost) = Settle(around.Count > 1, [.. around.GroupBy(one => one.Source).Select(source => source.Select(one => one.Service).ToImmutableArray())], names, previous);
            var changes = Changes(names, services, previous);
            var conflicts = Conflicts(previous.Conflicts, names, lost);
            TellNew(conflicts, previous.Conflicts);
            if (changes.Count == 0 && _version > 0)
            {
                _current = conflicts.SequenceEqual(previous.Conflicts) ? previous : previous.With(++_version, [], conflicts);
                return;
            }

            var next = previous.With(_version + 2, changes, conflicts);
            var leaving = ServiceSettlement.Leaving(changes.Select(one => previous.ByName(one.Name)).OfType<Service>(), next);
            var union = leaving.Count == 0 ? next : next.With(_version + 1, leaving, conflicts);
            _version += 2;
            Hand(union, next);
            _current = next;
            Log.Published(_log, next.Version, next.Count);
        }
    }

    // Who was held back by one that lost as well gets what is free then. One alone is held back by nobody.
    private static (ImmutableArray<Service> Services, ImmutableArray<ServiceConflict> Lost) Settle(bool areSeveral, ImmutableArray<ImmutableArray<Service>> sources, HashSet<string> names, ServiceSet previous)
    {
        var settled = ServiceSettlement.Settle(sources, previous);
        for (var tries = 0; areSeveral && tries < MostTries; tries++)
        {
            var before = settled.Services;
            settled = ServiceSettlement.Settle(sources, previous.With(0, Changes(names, before, previous), []));
            if (settled.Services.SequenceEqual(before))
            {
                break;
            }
        }

        return settled;
    }

    private static List<(string Name, Service? Service)> Changes(HashSet<string> names, ImmutableArray<Service> services, ServiceSet previous)
    {
        var inEffect = services.ToDictionary(service => service.Name, StringComparer.Ordinal);
        return [.. names.Order(StringComparer.Ordinal).Select(name => (Name: name, Service: inEffect.GetValueOrDefault(name))).Where(one => !Equals(one.Service, previous.ByName(one.Name)))];
    }

    // Those of the names that were settled anew are replaced, and stand last.
    private static ImmutableArray<ServiceConflict> Conflicts(ImmutableArray<ServiceConflict> before, HashSet<string> settled, ImmutableArray<ServiceConflict> lost) =>
        before.IsEmpty ? lost : [.. before.Where(conflict => !settled.Contains(conflict.Lost.Name)), .. lost];

    // Additions: certificate, route, name. Removals: name, route, certificate. So certificates and routes first get
    // the union of before and after, then names change over, then the union shrinks to what is left.
    private void Hand(ServiceSet union, ServiceSet next)
    {
        Apply(_certificates, union);
        Apply(_gateway, union);
        Apply(_names, next);
        if (!ReferenceEquals(union, next))
        {
            Apply(_gateway, next);
            Apply(_certificates, next);
        }
    }

    private void Apply(IServiceReader reader, ServiceSet services)
    {
        try
        {
            reader.Apply(services);
        }
        catch (Exception wrong)
        {
            Log.ReaderFailed(_log, reader.GetType().Name, services.Version, wrong);
        }
    }

    private void TellNew(ImmutableArray<ServiceConflict> conflicts, ImmutableArray<ServiceConflict> told)
    {
        foreach (var conflict in conflicts.Except(told))
        {
            Log.Conflict(_log, conflict.What, conflict.Holder.Name, conflict.Holder.Where, conflict.Lost.Name, conflict.Lost.Where);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2010, LogLevel.Debug, "Services version {Version} is live: {Count} services")]
        public static partial void Published(ILogger log, long version, int count);

        [LoggerMessage(2011, LogLevel.Warning, "{What} belongs to service {Holder} ({HolderWhere}); service {Lost} ({LostWhere}) does not get it")]
        public static partial void Conflict(ILogger log, string what, string holder, string holderWhere, string lost, string lostWhere);

        [LoggerMessage(2012, LogLevel.Error, "{Reader} failed to take services version {Version} and may serve what was before")]
        public static partial void ReaderFailed(ILogger log, string reader, long version, Exception wrong);
    }
}

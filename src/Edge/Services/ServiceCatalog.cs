using System.Collections.Immutable;

namespace Edge.Services;

/// <summary>
/// The one writer of the set of services: collects what the sources declare, settles conflicts and hands the set to
/// those who serve it, in an order in which no name is ever served without its route.
/// </summary>
internal sealed partial class ServiceCatalog
{
    private readonly Lock _writing = new();
    private readonly IReadOnlyList<IServiceSource> _sources;
    private readonly IServiceReader _certificates;
    private readonly IServiceReader _gateway;
    private readonly IServiceReader _names;
    private readonly ILogger<ServiceCatalog> _log;
    private volatile ServiceSet _current = ServiceSet.Empty;
    private long _version;

    /// <param name="sources">The sources, the stronger first: what a file declares no registration can take.</param>
    /// <param name="certificates">Learns of a host first, so that its certificate is on the way, and forgets it last.</param>
    /// <param name="gateway">Routes a host before its name is served, and until after.</param>
    /// <param name="names">Publishes names last, and withdraws them first.</param>
    /// <param name="log">Where conflicts and failing readers are told.</param>
    public ServiceCatalog(IReadOnlyList<IServiceSource> sources, IServiceReader certificates, IServiceReader gateway, IServiceReader names, ILogger<ServiceCatalog> log)
    {
        (_sources, _certificates, _gateway, _names, _log) = (sources, certificates, gateway, names, log);
        foreach (var source in sources)
        {
            source.Changed += Publish;
        }
    }

    /// <summary>The services in effect: the set that every reader serves.</summary>
    public ServiceSet Current => _current;

    /// <summary>Takes what the sources declare now and makes it live; the first call serves even an empty set.</summary>
    public void Publish()
    {
        lock (_writing)
        {
            var previous = _current;
            var (services, conflicts) = ServiceSettlement.Settle(_sources.Select(source => source.Current), previous);
            var same = _version > 0 && services.SequenceEqual(previous.Services);
            if (same && conflicts.SequenceEqual(previous.Conflicts))
            {
                return;
            }

            TellNew(conflicts, previous.Conflicts);
            if (same)
            {
                _current = new ServiceSet(++_version, services, conflicts);
                return;
            }

            var union = new ServiceSet(++_version, ServiceSettlement.Union(previous, new ServiceSet(0, services, [])), conflicts);
            var next = union.Services.SequenceEqual(services) ? union : new ServiceSet(++_version, services, conflicts);
            Hand(union, next);
            _current = next;
            Log.Published(_log, next.Version, next.Services.Length);
        }
    }

    // Additions: certificate, route, name. Removals: name, route, certificate. So certificates and routes first get
    // the union of before and after, then names change over, then the union shrinks to what is left.
    private void Hand(ServiceSet union, ServiceSet next)
    {
        Apply(_certificates, union);
        Apply(_gateway, union);
        Apply(_names, next);
        if (union != next)
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

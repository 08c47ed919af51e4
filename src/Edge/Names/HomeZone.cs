using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Names;

/// <summary>
/// The zone of the box's own domain for those who wrote no zone file: an apex with SOA and NS, so that services have
/// a zone to stand in. It gives way as soon as a file declares the domain or a zone above it.
/// </summary>
internal sealed class HomeZone : IZoneSource
{
    private readonly Name _domain;
    private readonly IZoneSource _files;
    private readonly ZoneContribution _own;

    public HomeZone(Name domain, Name node, IZoneSource files)
    {
        _domain = domain;
        _files = files;
        _own = new ZoneContribution([new DeclaredZone(domain, null, Apex(domain, node))], []);
        Current = Choose();
        files.Changed += () =>
        {
            var chosen = Choose();
            if (!ReferenceEquals(chosen, Current))
            {
                Current = chosen;
                Changed?.Invoke();
            }
        };
    }

    public string Name => "home zone";

    public ZoneContribution Current { get; private set; }

    public event Action? Changed;

    private ZoneContribution Choose() =>
        _files.Current.Zones.Any(zone => zone.View is null && _domain.IsAtOrBelow(zone.Origin)) ? ZoneContribution.Empty : _own;

    private static ImmutableArray<ResourceRecord> Apex(Name domain, Name node)
    {
        var source = new RecordSource("edge.yaml: domain");
        var soa = RData.Soa(node, domain.Prepend("hostmaster"), serial: 1, refresh: 7200, retry: 900, expire: 1_209_600, minimum: 60);
        return
        [
            new ResourceRecord(domain, RecordType.SOA, 3600, soa, source),
            new ResourceRecord(domain, RecordType.NS, 3600, RData.Target(node), source),
        ];
    }
}

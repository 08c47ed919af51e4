using System.Collections.Immutable;
using Edge.Dns.Snapshots;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Services;

namespace Edge.Names;

/// <summary>
/// The names that follow from services: in each view the gateway's addresses of that view, and an HTTPS record that
/// says the same. A name that a zone file declares stays the file's.
/// </summary>
internal sealed class ServiceRecords : IZoneSource, IServiceReader
{
    private readonly Name _node;
    private readonly uint _ttl;
    private readonly int _httpsPort;
    private readonly Lock _writing = new();
    private ImmutableArray<ViewAddresses> _views;
    private ImmutableArray<OverlayRecord> _ofNode;
    private ServiceSet _services = ServiceSet.Empty;
    private ShardedMap<Name, OverlayRecord[]> _made = new();

    /// <param name="node">The name of this box, which leads to the gateway as well, with all names below it.</param>
    /// <param name="views">The gateway's addresses in each view.</param>
    /// <param name="ttl">Time to live of every record made here.</param>
    /// <param name="httpsPort">The port at which clients reach the gateway's HTTPS listener.</param>
    public ServiceRecords(Name node, ImmutableArray<ViewAddresses> views, TimeSpan ttl, int httpsPort)
    {
        _node = node;
        _views = views;
        _ttl = (uint)ttl.TotalSeconds;
        _httpsPort = httpsPort;
        _ofNode = [.. NodeRecords()];
        Current = Build(_made, [], _services);
    }

    public string Name => "services";

    public ZoneContribution Current { get; private set; }

    public event Action? Changed;

    /// <summary>Takes a new set of services; when it returns, queries see it.</summary>
    public void Apply(ServiceSet services)
    {
        lock (_writing)
        {
            // Only of hosts of services that are new, gone or have changed records are made anew.
            var hosts = ServiceSet.Differing(_services, services).SelectMany(one => (one.Before?.Hosts ?? []).Union(one.After?.Hosts ?? [])).ToHashSet(StringComparer.Ordinal);
            Current = Build(_made, hosts, services);

            // What could not be taken is tried again with the next set.
            _services = services;
        }

        Changed?.Invoke();
    }

    /// <summary>Takes new addresses, as edge.yaml or the interfaces changed.</summary>
    public void Use(ImmutableArray<ViewAddresses> views)
    {
        lock (_writing)
        {
            if (views.SequenceEqual(_views))
            {
                return;
            }

            _views = views;
            _ofNode = [.. NodeRecords()];
            Current = Build(new(), _services.Hosts, _services);
        }

        Changed?.Invoke();
    }

    private ZoneContribution Build(ShardedMap<Name, OverlayRecord[]> from, IEnumerable<string> hosts, ServiceSet services)
    {
        var made = from.Edit();
        foreach (var host in hosts)
        {
            var owner = Dns.Wire.Name.Parse(host);

            // Services that share a host make the same records of it.
            OverlayRecord[] records = [.. services.AllByHost(host).SelectMany(service => ServiceNames(service, owner)).DistinctBy(Said)];
            made.Set(owner, records.Length == 0 ? null : records);
        }

        _made = made.ToMap();
        return new ZoneContribution([], _ofNode) { ByOwner = _made };
    }

    private static (string? View, Name Owner, RecordType Type, RData Data) Said(OverlayRecord record) => (record.View, record.Record.Owner, record.Record.Type, record.Record.Data);

    private IEnumerable<OverlayRecord> NodeRecords()
    {
        var source = new RecordSource("edge.yaml: node");
        foreach (var view in _views.Where(view => view.Addresses.Length > 0))
        {
            foreach (var record in At(_node, view, source))
            {
                yield return record;
            }

            yield return new OverlayRecord(view.View, new ResourceRecord(_node.Prepend("*"), RecordType.CNAME, _ttl, RData.Target(_node), source), OverlayMode.Fill);
        }
    }

    private IEnumerable<OverlayRecord> ServiceNames(Service service, Name owner)
    {
        var source = new RecordSource($"service {service.Name} ({service.Where})");
        foreach (var view in _views.Where(view => service.Expose == Exposure.Everywhere || view.View == ViewOptions.Lan))
        {
            foreach (var record in At(owner, view, source, isHttps: service.Stream is null))
            {
                yield return record;
            }
        }
    }

    private IEnumerable<OverlayRecord> At(Name owner, ViewAddresses view, RecordSource source, bool isHttps = true)
    {
        foreach (var address in view.Addresses)
        {
            var type = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? RecordType.A : RecordType.AAAA;
            yield return new OverlayRecord(view.View, new ResourceRecord(owner, type, _ttl, RData.Address(address), source), OverlayMode.Fill);
        }

        // What a service speaks that is not forwarded as HTTP, Edge does not know.
        if (isHttps && view.Addresses.Length > 0)
        {
            yield return new OverlayRecord(view.View, new ResourceRecord(owner, RecordType.HTTPS, _ttl, HttpsRecord.ForGateway(_httpsPort), source), OverlayMode.Fill);
        }
    }
}

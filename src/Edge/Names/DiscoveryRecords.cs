using System.Collections.Immutable;
using Edge.Dns.Multicast;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Names;

/// <summary>
/// The services as DNS service discovery lists them in our own zone (RFC 6763 §10, §11), for clients of the LAN that ask the
/// server and not the neighbours: they find a domain to look in, the types in it, and the services with the name that has a certificate.
/// </summary>
internal sealed class DiscoveryRecords : IZoneSource
{
    private static readonly RecordSource OfDomain = new("services, for service discovery");

    private readonly Name _domain;
    private readonly uint _ttl;
    private readonly ImmutableArray<(string Type, int Port)> _ways;
    private readonly SettledServices _services;
    private readonly Lock _writing = new();

    /// <param name="domain">The zone they are listed in.</param>
    /// <param name="ttl">Time to live of every record made here.</param>
    /// <param name="ways">The types under which each service is listed, with the gateway's port for each.</param>
    /// <param name="services">The services.</param>
    public DiscoveryRecords(Name domain, TimeSpan ttl, ImmutableArray<(string Type, int Port)> ways, SettledServices services)
    {
        (_domain, _ttl, _ways, _services) = (domain, (uint)ttl.TotalSeconds, ways, services);
        services.Changed += Follow;
    }

    public string Name => "discovery";

    public ZoneContribution Current { get; private set; } = ZoneContribution.Empty;

    public event Action? Changed;

    private void Follow()
    {
        lock (_writing)
        {
            ImmutableArray<OverlayRecord> records = [.. Records().Select(record => new OverlayRecord(ViewOptions.Lan, record, OverlayMode.Fill))];
            if (records.SequenceEqual(Current.Overlay))
            {
                return;
            }

            Current = new ZoneContribution([], records);
        }

        Changed?.Invoke();
    }

    private IEnumerable<ResourceRecord> Records()
    {
        // What is a byte stream is not spoken to by HTTP, and a wildcard is no host.
        var listed = _services.Services.Where(service => service.Stream is null)
            .Select(service => (Service: service, Host: service.Hosts.FirstOrDefault(host => !host.StartsWith('*')))).Where(one => one.Host is not null).ToList();
        if (listed.Count == 0 || _ways.IsEmpty)
        {
            yield break;
        }

        // RFC 6763 §11: "b" is where to look, "lb" the same for who looks everywhere by himself.
        yield return Pointer(DnsSdNames.Type("b._dns-sd._udp", _domain), _domain, OfDomain);
        yield return Pointer(DnsSdNames.Type("lb._dns-sd._udp", _domain), _domain, OfDomain);
        foreach (var (type, port) in _ways)
        {
            var place = DnsSdNames.Type(type, _domain);
            yield return Pointer(DnsSdNames.Type("_services._dns-sd._udp", _domain), place, OfDomain);
            foreach (var (service, host) in listed)
            {
                var instance = DnsSdNames.Instance(service.Name, place);
                var source = new RecordSource($"service {service.Name} ({service.Where})");
                yield return Pointer(place, instance, source);
                yield return new ResourceRecord(instance, RecordType.SRV, _ttl, DnsSdNames.Srv(port, Dns.Wire.Name.Parse(host!)), source);
                yield return new ResourceRecord(instance, RecordType.TXT, _ttl, DnsSdNames.Txt(["path=/"]), source);
            }
        }
    }

    private ResourceRecord Pointer(Name owner, Name target, RecordSource source) => new(owner, RecordType.PTR, _ttl, RData.Target(target), source);
}

using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Transfer;
using Edge.Dns.Wire;
using Edge.Names.Leases;
using Edge.Settings;

namespace Edge.Names;

/// <summary>The "dns" section of edge.yaml.</summary>
/// <param name="Listen">Endpoints for UDP and TCP.</param>
/// <param name="Forwarding">Whom names are asked of that are not ours.</param>
/// <param name="ServiceTtl">Time to live of the records made for services.</param>
internal sealed record DnsOptions(ImmutableArray<IPEndPoint> Listen, ForwardingOptions Forwarding, TimeSpan ServiceTtl)
{
    /// <summary>How DNS may be asked beside UDP and TCP, and how much.</summary>
    public TransportOptions Transports { get; init; } = new();

    /// <summary>How names are resolved, and what is believed.</summary>
    public ResolutionOptions Resolution { get; init; } = new();

    /// <summary>Port 53 would need a privilege; 5300 does not.</summary>
    public static readonly DnsOptions Default = new([new IPEndPoint(IPAddress.Loopback, 5300)], new ForwardingOptions(), TimeSpan.FromSeconds(60));

    /// <summary>Secrets shared with other servers and with clients.</summary>
    public ImmutableArray<KeyOptions> Keys { get; init; } = [];

    /// <summary>What is special about single zones.</summary>
    public ImmutableArray<ZoneOptions> Zones { get; init; } = [];

    /// <summary>Lease files of DHCP servers whose clients get names.</summary>
    public ImmutableArray<LeaseSetting> Leases { get; init; } = [];

    /// <summary>Whether clients are told that they can ask under encryption (RFC 9462).</summary>
    public bool Advertise { get; init; } = true;

    /// <summary>Whether browsers are asked, by NXDOMAIN for the canary domain, to stay with this resolver.</summary>
    public bool BrowserCanary { get; init; } = true;

    /// <summary>Catalogs of our zones.</summary>
    public ImmutableArray<CatalogSetting> Catalogs { get; init; } = [];

    /// <summary>Reads the section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="folder">Where relative files start: the folder of edge.yaml.</param>
    /// <param name="views">The names of the views.</param>
    /// <param name="domain">The domain of this box.</param>
    public static DnsOptions Read(MapReader section, string folder, ImmutableArray<string> views, Name domain)
    {
        var listen = section.EndPoints("listen", defaultPort: 53);
        var transports = TransportOptions.Read(section);
        var forwarding = ForwardingOptions.Read(section, folder);
        var resolution = ResolutionOptions.Read(section, folder);
        var ttl = section.Duration("service-ttl");
        if (ttl is { } time && (time < TimeSpan.FromSeconds(1) || time > TimeSpan.FromDays(1)))
        {
            section.Problems.Add(section.Node("service-ttl")!, "must lie between 1s and 1d");
        }

        var keys = section.Section("keys") is { } shared ? KeyOptions.ReadAll(shared, folder, views) : [];
        var zones = section.Section("zones") is { } special ? ZoneOptions.ReadAll(special, keys, folder, views) : [];
        var catalogs = section.Section("catalogs") is { } listed ? CatalogOptions.ReadAll(listed, keys, views) : [];
        var leases = LeaseOptions.ReadAll(section, folder, domain);
        var (advertise, canary) = (section.Switch("advertise") ?? true, section.Switch("browser-canary") ?? true);
        section.Done();
        ImmutableArray<IPEndPoint> listeners = listen.Count > 0 ? [.. listen] : Default.Listen;
        ResolverDoubts.Note(section, listeners, resolution);
        return new DnsOptions(listeners, forwarding, ttl ?? Default.ServiceTtl)
        {
            Transports = transports,
            Resolution = resolution,
            Keys = keys,
            Zones = zones,
            Catalogs = catalogs,
            Leases = leases,
            Advertise = advertise,
            BrowserCanary = canary,
        };
    }

    public bool Equals(DnsOptions? other) =>
        other is not null && Listen.SequenceEqual(other.Listen) && Forwarding == other.Forwarding && Resolution == other.Resolution && ServiceTtl == other.ServiceTtl
        && Transports == other.Transports && Keys.SequenceEqual(other.Keys) && Zones.SequenceEqual(other.Zones)
        && Catalogs.SequenceEqual(other.Catalogs) && Leases.SequenceEqual(other.Leases)
        && Advertise == other.Advertise && BrowserCanary == other.BrowserCanary;

    public override int GetHashCode() => HashCode.Combine(Listen.Length, Forwarding, ServiceTtl);
}

using System.Collections.Immutable;
using System.Net;
using Edge.Access;
using Edge.AcmeDns;
using Edge.AcmeServer;
using Edge.Admin;
using Edge.Certificates;
using Edge.Dns.Queries;
using Edge.Docker;
using Edge.DynamicDns;
using Edge.Gateway;
using Edge.Names;
using Edge.Names.Filtering;
using Edge.Names.Multicast;
using Edge.Observability;
using Edge.Observability.Export;
using Edge.Outward;
using Edge.PortMapping;
using Edge.Settings;

namespace Edge;

/// <summary>All of edge.yaml: each room reads its own section, this puts them together.</summary>
internal sealed record EdgeOptions
{
    /// <summary>The zone this box lives in; home.arpa is the name RFC 8375 gives to homes that have none.</summary>
    public string Domain { get; init; } = "home.arpa";

    /// <summary>The first label of this box.</summary>
    public string Node { get; init; } = "edge";

    /// <summary>Folders as the user wrote them, relative to <see cref="Folder"/>.</summary>
    public string Data { get; init; } = "data";

    public string Zones { get; init; } = "zones";

    public string Routes { get; init; } = "proxy-routes";

    /// <summary>Of those that edge.yaml names, which are not there, with the line that says so.</summary>
    public ImmutableArray<Problem> MissingFolders { get; init; } = [];

    public ImmutableArray<ViewOptions> Views { get; init; } = ViewOptions.Default;

    public DnsOptions Dns { get; init; } = DnsOptions.Default;

    /// <summary>How mDNS is spoken.</summary>
    public MulticastOptions Multicast { get; init; } = new();

    /// <summary>Names of the LAN whose addresses come from mDNS.</summary>
    public ImmutableArray<HostSetting> Hosts { get; init; } = [];

    /// <summary>The IPv6 prefix of this home, and the hosts that have an end under it.</summary>
    public PrefixOptions Prefix { get; init; } = PrefixOptions.Default;

    public FilterOptions Filter { get; init; } = FilterOptions.Default;

    public QueryLogOptions Queries { get; init; } = new();

    public DockerOptions Docker { get; init; } = new();

    public GatewayOptions Gateway { get; init; } = new();

    public AccessOptions Access { get; init; } = new();

    public AccessLogOptions AccessLog { get; init; } = new() { Enabled = false };

    public AcmeDnsOptions AcmeDns { get; init; } = new();

    public DynamicDnsOptions DynamicDns { get; init; } = new(IsAtGateway: false);

    /// <summary>What is asked of the router, and where this box is reached from outside.</summary>
    public PortMappingOptions PortMapping { get; init; } = new();

    /// <summary>Whether boxes elsewhere are told where they come from.</summary>
    public AddressEchoOptions AddressEcho { get; init; } = AddressEchoOptions.Off;

    /// <summary>Names that others serve and that get the address of this box.</summary>
    public ImmutableArray<OutwardName> Outward { get; init; } = [];

    public AcmeServerOptions AcmeServer { get; init; } = new();

    public MetricsOptions Metrics { get; init; } = new();

    public ExportOptions OpenTelemetry { get; init; } = new();

    public AdminOptions Admin { get; init; } = AdminOptions.Default;

    public CertificateOptions Certificates { get; init; } = new();

    /// <summary>The folder of edge.yaml; relative folders start here.</summary>
    public string Folder { get; init; } = Directory.GetCurrentDirectory();

    /// <summary>Where the settings stand.</summary>
    public SettingPlaces Places { get; init; } = SettingPlaces.None;

    /// <summary>"nas.example.com".</summary>
    public string NodeHost => $"{Node}.{Domain}";

    /// <summary>The port at which clients reach the HTTPS listener.</summary>
    public int PublicHttpsPort => Gateway.HttpsPort ?? (Gateway.Https.IsEmpty ? 443 : Gateway.Https[0].Port);

    /// <summary>Where clients come by TCP, with the setting that says it.</summary>
    public IEnumerable<(IPEndPoint EndPoint, string Setting)> TcpEndPoints =>
    [
        .. Dns.Listen.Select(endPoint => (endPoint, "dns.listen")),
        .. Dns.Transports.Tls.Select(endPoint => (endPoint, "dns.tls-listen")),
        .. Gateway.Http.Select(endPoint => (endPoint, "gateway.http")),
        .. Gateway.Https.Select(endPoint => (endPoint, "gateway.https")),
        .. Metrics.Listen.Select(endPoint => (endPoint, "metrics.listen")),
        .. Admin.Listen.Select(endPoint => (endPoint, "admin.listen")),
    ];

    /// <summary>Whether a view tells the addresses at which the internet reaches this box.</summary>
    public bool TellsPublicAddresses => Views.Any(view => view.FindsAddresses && view.Name != ViewOptions.Lan);

    /// <summary>Where requests and commands come by TCP.</summary>
    public ImmutableArray<IPEndPoint> WebEndPoints => [.. Gateway.Https, .. Gateway.Http, .. Admin.Listen, .. Metrics.Listen];

    /// <summary>Where a service listens that names only a port.</summary>
    public ImmutableArray<IPAddress> GatewayAddresses => [.. Gateway.Https.Concat(Gateway.Http).Select(endPoint => endPoint.Address).Distinct()];

    /// <summary>The full path of one of the folders above.</summary>
    public string PathOf(string folder) => Path.GetFullPath(folder, Folder);
}

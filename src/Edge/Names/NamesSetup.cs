using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using Edge.Dns.Listeners;
using Edge.Dns.Nameserver;
using Edge.Dns.Queries;
using Edge.Dns.Update;
using Edge.Dns.Zones;
using Edge.Names.Filtering;
using Edge.Names.Multicast;
using Microsoft.Extensions.Logging;

namespace Edge.Names;

/// <summary>What the names need from the rest of the program.</summary>
internal sealed record NamesSetup
{
    /// <summary>The zone this box lives in: "example.com".</summary>
    public required string Domain { get; init; }

    /// <summary>This box: "nas.example.com".</summary>
    public required string NodeHost { get; init; }

    /// <summary>The folder of zone files, a full path.</summary>
    public required string ZonesFolder { get; init; }

    /// <summary>The folder as the user knows it: "zones".</summary>
    public required string ZonesShownAs { get; init; }

    /// <summary>The data folder, a full path.</summary>
    public required string Data { get; init; }

    /// <summary>What the engine's listeners allow, and which sockets there are for them already.</summary>
    public ListenerOptions Listeners { get; init; } = new();

    public required ImmutableArray<ViewOptions> Views { get; init; }

    public required DnsOptions Dns { get; init; }

    public required FilterOptions Filter { get; init; }

    /// <summary>What is remembered of what is asked.</summary>
    public required QueryLogOptions Queries { get; init; }

    /// <summary>The port at which clients reach the gateway's HTTPS listener.</summary>
    public required int HttpsPort { get; init; }

    /// <summary>Where the gateway takes HTTPS.</summary>
    public required ImmutableArray<IPEndPoint> HttpsListen { get; init; }

    /// <summary>Where it takes plain HTTP.</summary>
    public ImmutableArray<IPEndPoint> HttpListen { get; init; } = [];

    /// <summary>Where the internet reaches this box.</summary>
    public PublicAddresses Outside { get; init; } = new();

    /// <summary>How mDNS is spoken.</summary>
    public MulticastOptions Multicast { get; init; } = new();

    /// <summary>Names of the LAN whose addresses come from mDNS.</summary>
    public ImmutableArray<HostSetting> Hosts { get; init; } = [];

    /// <summary>The IPv6 prefix of this home, and the hosts that have an end under it.</summary>
    public PrefixOptions Prefix { get; init; } = PrefixOptions.Default;

    /// <summary>Whether a certificate that is valid now names this host.</summary>
    public required Func<string, bool> IsCertified { get; init; }

    /// <summary>Records that others lay over the zones, such as the answers to challenges of a CA.</summary>
    public required ImmutableArray<IZoneSource> OtherSources { get; init; }

    /// <summary>Gives the certificate for a server name in a handshake, null for a client that names none.</summary>
    public required Func<string?, SslStreamCertificateContext?> CertificateFor { get; init; }

    /// <summary>Takes updates that are signed with keys of tokens.</summary>
    public IUpdateKeeper? Keeper { get; init; }

    /// <summary>Who gets no answer now.</summary>
    public Func<BanSet> Bans { get; init; } = static () => BanSet.None;

    /// <summary>Told whose queries were refused.</summary>
    public Action<ClientAddress>? Refused { get; init; }

    public required ILoggerFactory Logs { get; init; }

    public required TimeProvider Time { get; init; }
}

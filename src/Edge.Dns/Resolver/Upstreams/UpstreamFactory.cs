using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>Makes the upstreams of one configuration, each server once, and keeps those that were there before with what is known of them.</summary>
internal sealed class UpstreamFactory(ForwarderOptions options, UpstreamParts parts, ImmutableArray<Upstream> before)
{
    private readonly Dictionary<(UpstreamServer, Name), Upstream> _made = [];
    private readonly UpstreamTrust _trust = new(options.ExtraRoots, parts.Time);
    private Bootstrap? _bootstrap;

    /// <summary>All that were made.</summary>
    public ImmutableArray<Upstream> All => [.. _made.Values];

    /// <summary>Whom to ask for the names of upstreams.</summary>
    public void UseBootstrap(ImmutableArray<UpstreamServer> helpers) =>
        _bootstrap = helpers.IsEmpty ? null : new Bootstrap(Set(helpers, Name.Root), parts, options);

    /// <summary>The servers for a zone; for the root, those for everything.</summary>
    public UpstreamSet Set(ImmutableArray<UpstreamServer> servers, Name zone) => new([.. servers.Distinct().Select(server => Get(server, zone))]);

    private Upstream Get(UpstreamServer server, Name zone)
    {
        if (!_made.TryGetValue((server, zone), out var upstream))
        {
            upstream = before.FirstOrDefault(known => known.Server == server && known.Zone == zone) ?? Make(server, zone);
            _made.Add((server, zone), upstream);
        }

        return upstream;
    }

    private Upstream Make(UpstreamServer server, Name zone)
    {
        var dialer = new UpstreamDialer(server, _bootstrap, _trust, parts.Time);
        return server.Protocol switch
        {
            UpstreamProtocol.Plain => new Upstream(server, zone, Udp(new IPEndPoint(server.Addresses[0], server.Port)), new StreamChannel(dialer, parts.Time), options.AttemptTimeout, parts),
            UpstreamProtocol.Https => new Upstream(server, zone, new HttpsChannel(server, dialer), null, options.AttemptTimeout, parts),
            _ => new Upstream(server, zone, new StreamChannel(dialer, parts.Time), null, options.AttemptTimeout, parts),
        };
    }

    private IUpstreamChannel Udp(IPEndPoint endPoint) => DatagramPump.IsSupported ? new UdpChannel(endPoint, parts) : new TaskUdpChannel(endPoint);
}

using System.Collections.Immutable;
using System.Net;
using Edge.Services.Routing;
using Edge.Settings;
using Edge.Connections;
using Edge.Connections.Tls;

namespace Edge.Gateway;

/// <summary>Where the gateway listens: the section <c>gateway:</c> of edge.yaml.</summary>
internal sealed record GatewayOptions
{
    /// <summary>Plain HTTP: only redirects to HTTPS, as long as there is an HTTPS listener.</summary>
    public ImmutableArray<IPEndPoint> Http { get; init; } = [new(IPAddress.Loopback, 8080)];

    public ImmutableArray<IPEndPoint> Https { get; init; } = [new(IPAddress.Loopback, 8443)];

    /// <summary>The port that clients use for HTTPS where a router forwards another one to us; null: the listener's own.</summary>
    public int? HttpsPort { get; init; }

    /// <summary>Proxies in front of this gateway, which are believed when they say who asked; nobody by default.</summary>
    public ImmutableArray<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Proxies in front of us whose connections begin with a PROXY protocol header.</summary>
    public ImmutableArray<IPNetwork> ProxyProtocol { get; init; } = [];

    /// <summary>An HTML file for what goes wrong, of which the services say nothing; null for the gateway's own page.</summary>
    public string? ErrorPage { get; init; }

    /// <summary>What browsers are told about HTTPS where a service says nothing; null for nothing.</summary>
    public HstsRule? Hsts { get; init; }

    /// <summary>What carries the connections of clients and destinations.</summary>
    public TransportKind Transport { get; init; } = TransportKind.Epoll;

    /// <summary>Who encrypts the connections of clients on the event loops; the framework does on its own sockets.</summary>
    public TlsKind Tls { get; init; } = TlsKind.OpenSsl;

    /// <summary>How long requests under way may take when Edge is told to end.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long they may take when another Edge serves already.</summary>
    public TimeSpan DrainBehind { get; init; } = TimeSpan.FromMinutes(10);

    public static GatewayOptions Read(MapReader? section)
    {
        var options = new GatewayOptions();
        if (section is null)
        {
            return options;
        }

        options = options with
        {
            Http = section.Node("http") is null ? options.Http : [.. section.EndPoints("http")],
            Https = section.Node("https") is null ? options.Https : [.. section.EndPoints("https")],
            HttpsPort = section.Number("https-port", 1, 65535),
            ErrorPage = TrafficReader.FileOf(section, "error-page", mayNameFiles: true),
            TrustedProxies = [.. section.List("trusted-proxies", "an address, or a network such as 172.16.0.0/12 (not everybody)", NetworkOf).Select(IPNetwork.Parse)],
            Hsts = HstsReader.Read(section),
            ProxyProtocol = NetworkList.Read(section, "proxy-protocol"),
            Drain = section.Duration("drain", TimeSpan.FromHours(1)) ?? options.Drain,
            DrainBehind = section.Duration("drain-after-reload", TimeSpan.FromDays(7)) ?? options.DrainBehind,
            Transport = section.Word("transport", "epoll", "sockets") is "sockets" ? TransportKind.Sockets : TransportKind.Epoll,
            Tls = section.Word("tls", "openssl", "framework") is "framework" ? TlsKind.Framework : TlsKind.OpenSsl,
        };
        section.Done();
        return options;
    }

    // Everybody who is believed can be anybody.
    private static string? NetworkOf(string text) =>
        IPNetwork.TryParse(text, out var network) ? network.PrefixLength == 0 ? null : network.ToString()
        : IPAddress.TryParse(text, out var address) ? $"{address}/{address.GetAddressBytes().Length * 8}"
        : null;
}

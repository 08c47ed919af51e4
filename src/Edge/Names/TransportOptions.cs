using System.Collections.Immutable;
using System.Net;
using System.Text;
using Edge.Dns.Nameserver;
using Edge.Settings;

namespace Edge.Names;

/// <summary>The part of the "dns" section of edge.yaml that says how DNS may be asked beside UDP and TCP, and how much.</summary>
internal sealed record TransportOptions
{
    // Forged packets with these addresses never leave or reach a machine (RFC 1122 §3.2.1.3).
    private static readonly ImmutableArray<IPNetwork> OwnMachine = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")];

    /// <summary>Endpoints for DNS over TLS; empty means none.</summary>
    public ImmutableArray<IPEndPoint> Tls { get; init; } = [];

    /// <summary>Endpoints for DNS over QUIC; empty means none.</summary>
    public ImmutableArray<IPEndPoint> Quic { get; init; } = [];

    /// <summary>Whether the gateway answers DNS over HTTPS under the name of this box.</summary>
    public bool Https { get; init; } = true;

    /// <summary>What this server says its name is to who asks for it (NSID); empty for nothing.</summary>
    public string Nsid { get; init; } = "";

    /// <summary>"true", "required" or "false".</summary>
    public string Cookies { get; init; } = "true";

    /// <summary>Resolvers that are believed when they say for whom they ask.</summary>
    public ImmutableArray<IPNetwork> TrustedSubnetSources { get; init; } = [];

    /// <summary>How many UDP answers strangers get.</summary>
    public RateLimitOptions RateLimit { get; init; } = new() { Exempt = OwnMachine };

    /// <summary>Each key with what it says, for those who look for what has changed.</summary>
    public ImmutableArray<(string Key, string Text)> Keys =>
    [
        ("dns.tls-listen", string.Join(' ', Tls)),
        ("dns.quic-listen", string.Join(' ', Quic)),
        ("dns.https", $"{Https}"),
        ("dns.nsid", Nsid),
        ("dns.cookies", Cookies),
        ("dns.ecs-trusted", string.Join(' ', TrustedSubnetSources)),
        ("dns.rate-limit", $"{RateLimit.Answers} {RateLimit.Others} {RateLimit.Slip} {string.Join(' ', RateLimit.Exempt)}"),
    ];

    public static TransportOptions Read(MapReader dns)
    {
        var defaults = new TransportOptions();
        var nsid = dns.Text("nsid") ?? defaults.Nsid;
        if (Encoding.UTF8.GetByteCount(nsid) > NameserverOptions.MaxNsid)
        {
            dns.Problems.Add(dns.Node("nsid")!, $"is longer than {NameserverOptions.MaxNsid} bytes");
        }

        return new TransportOptions
        {
            Tls = [.. dns.EndPoints("tls-listen", defaultPort: 853)],
            Quic = [.. dns.EndPoints("quic-listen", defaultPort: 853)],
            Https = dns.Switch("https") ?? defaults.Https,
            Nsid = nsid,
            Cookies = dns.SwitchOr("cookies", "required") ?? defaults.Cookies,
            TrustedSubnetSources = NetworkList.Read(dns, "ecs-trusted"),
            RateLimit = dns.Section("rate-limit") is { } limit ? ReadLimit(limit, defaults.RateLimit) : defaults.RateLimit,
        };
    }

    public bool Equals(TransportOptions? other) => other is not null && Keys.SequenceEqual(other.Keys);

    public override int GetHashCode() => HashCode.Combine(Tls.Length, Https, Nsid, Cookies);

    private static RateLimitOptions ReadLimit(MapReader section, RateLimitOptions defaults)
    {
        var options = new RateLimitOptions
        {
            Answers = section.Number("answers", 0, 60_000) ?? defaults.Answers,
            Others = section.Number("others", 0, 60_000) ?? defaults.Others,
            Slip = section.Number("slip", 0, 100) ?? defaults.Slip,
            Exempt = section.Node("exempt") is null ? defaults.Exempt : NetworkList.Read(section, "exempt"),
        };
        section.Done();
        return options;
    }
}

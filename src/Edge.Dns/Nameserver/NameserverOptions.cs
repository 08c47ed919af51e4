using System.Collections.Immutable;
using System.Net;

namespace Edge.Dns.Nameserver;

/// <summary>What a server says and allows beside the zones.</summary>
public sealed record NameserverOptions
{
    /// <summary>Longest name of this server in bytes.</summary>
    public const int MaxNsid = 128;

    /// <summary>Makes and checks cookies (RFC 7873); null to ignore the option.</summary>
    public ServerCookies? Cookies { get; init; }

    /// <summary>Whether a UDP client gets an answer only with a good cookie; others are told to come with one, or over TCP.</summary>
    public bool CookiesRequired { get; init; }

    /// <summary>The name this server gives itself to who asks for it (RFC 5001); empty for none.</summary>
    public ImmutableArray<byte> Nsid { get; init; } = [];

    /// <summary>Resolvers that are believed when they say for whom they ask (RFC 7871 §11).</summary>
    public ImmutableArray<IPNetwork> TrustedSubnetSources { get; init; } = [];

    /// <summary>Limits answers whose receiver may be forged; null for no limit.</summary>
    public RateLimiter? RateLimiter { get; init; }

    /// <summary>How long a connection may rest; clients that ask are told (RFC 7828).</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For cookies and limits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

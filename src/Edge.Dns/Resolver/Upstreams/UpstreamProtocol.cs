namespace Edge.Dns.Resolver.Upstreams;

/// <summary>How an upstream is spoken to.</summary>
public enum UpstreamProtocol
{
    /// <summary>UDP, and TCP for what does not fit (RFC 7766).</summary>
    Plain,

    /// <summary>TCP only.</summary>
    Tcp,

    /// <summary>DNS over TLS (RFC 7858).</summary>
    Tls,

    /// <summary>DNS over HTTPS (RFC 8484).</summary>
    Https,
}

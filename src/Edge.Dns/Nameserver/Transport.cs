namespace Edge.Dns.Nameserver;

/// <summary>How a query came: it decides how long the answer may be, and what belongs into it.</summary>
public enum Transport : byte
{
    /// <summary>A datagram: 512 bytes without EDNS, 1232 at most (RFC 9715 §3).</summary>
    Udp,

    /// <summary>A stream: 65535 bytes (RFC 7766).</summary>
    Tcp,

    /// <summary>A stream under TLS (RFC 7858).</summary>
    Tls,

    /// <summary>An HTTP exchange (RFC 8484).</summary>
    Https,

    /// <summary>A QUIC stream of its own (RFC 9250).</summary>
    Quic,
}

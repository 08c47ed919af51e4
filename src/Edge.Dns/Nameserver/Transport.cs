namespace Edge.Dns.Nameserver;

/// <summary>How a query came: it decides how long the answer may be.</summary>
public enum Transport : byte
{
    /// <summary>A datagram: 512 bytes without EDNS, 1232 at most (RFC 9715 §3).</summary>
    Udp,

    /// <summary>A stream: 65535 bytes (RFC 7766).</summary>
    Tcp,
}

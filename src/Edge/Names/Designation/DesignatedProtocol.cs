namespace Edge.Names.Designation;

/// <summary>A way to ask DNS under encryption, the most wanted first: over TLS a query costs least.</summary>
internal enum DesignatedProtocol
{
    /// <summary>DNS over TLS (RFC 7858).</summary>
    Tls,

    /// <summary>DNS over HTTPS (RFC 8484).</summary>
    Https,

    /// <summary>DNS over QUIC (RFC 9250).</summary>
    Quic,
}

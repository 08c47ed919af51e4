namespace Edge.Outward;

/// <summary>How a name of somebody else's zone is changed.</summary>
internal enum OutwardKind
{
    /// <summary>dyndns2, as most services for dynamic names speak it.</summary>
    Dyndns2,

    /// <summary>Updates of DNS, signed with a key (RFC 2136, RFC 8945).</summary>
    Rfc2136,

    /// <summary>The API of deSEC.</summary>
    Desec,

    /// <summary>The API of Cloudflare.</summary>
    Cloudflare,
}

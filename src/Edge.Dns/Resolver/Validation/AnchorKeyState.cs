namespace Edge.Dns.Resolver.Validation;

/// <summary>How far a key of a trust point is (RFC 5011 §4). A key in none of these was never seen.</summary>
internal enum AnchorKeyState
{
    /// <summary>Seen, signed for by a trusted key, and not trusted before its time has passed.</summary>
    AddPend,

    /// <summary>Trusted.</summary>
    Valid,

    /// <summary>Trusted, and no longer in the zone.</summary>
    Missing,

    /// <summary>Has taken itself back.</summary>
    Revoked,

    /// <summary>Was revoked long ago, and never comes back.</summary>
    Removed,
}

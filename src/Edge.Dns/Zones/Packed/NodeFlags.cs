namespace Edge.Dns.Zones.Packed;

/// <summary>What a lookup must know of an owner beside its records.</summary>
[Flags]
internal enum NodeFlags : byte
{
    None = 0,

    /// <summary>It has a child whose label is "*".</summary>
    HasWildcard = 1,

    /// <summary>It is a zone cut: NS below the apex (RFC 1034 §4.2.1). NS at a wildcard has no defined meaning and is data (RFC 4592 §4.2).</summary>
    Cut = 2,

    /// <summary>It has a DNAME: the names below it are redirected (RFC 6672 §2.3).</summary>
    Dname = 4,

    /// <summary>It lies outside of the zone: kept so that checks can tell, never answered.</summary>
    Outside = 8,

    /// <summary>It has an ALIAS and so exists, whatever records are made of it.</summary>
    Alias = 16,

    /// <summary>Addresses that it has not got are not known now: what its ALIAS leads to could not be learned.</summary>
    Unresolved = 32,
}

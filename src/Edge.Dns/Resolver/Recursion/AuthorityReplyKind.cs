namespace Edge.Dns.Resolver.Recursion;

/// <summary>What a server's reply comes to, seen from the zone it was asked as a server of.</summary>
internal enum AuthorityReplyKind
{
    /// <summary>Records of the type asked for, behind aliases inside the zone perhaps.</summary>
    Answer,

    /// <summary>An alias whose target must be asked for elsewhere.</summary>
    Alias,

    /// <summary>The name exists without the type.</summary>
    NoData,

    /// <summary>The name does not exist, nor does anything below it (RFC 8020 §2).</summary>
    NxDomain,

    /// <summary>Another zone knows, further down.</summary>
    Referral,

    /// <summary>The server does not serve the zone.</summary>
    Lame,

    /// <summary>No use, for this question at least.</summary>
    Failed,

    /// <summary>Not asked to the end: a limit or the time of the one who asked was over.</summary>
    Aborted,
}

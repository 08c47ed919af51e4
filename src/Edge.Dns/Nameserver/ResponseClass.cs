namespace Edge.Dns.Nameserver;

/// <summary>Kinds of answers that are counted apart: a flood of one must not use up the others.</summary>
internal enum ResponseClass : byte
{
    /// <summary>There are records in the answer section.</summary>
    Answer,

    /// <summary>The name has no such records, or is somebody else's: NODATA and referrals.</summary>
    Empty,

    /// <summary>The name does not exist: what a flood of invented names gets.</summary>
    NxDomain,

    /// <summary>All other codes.</summary>
    Error,
}

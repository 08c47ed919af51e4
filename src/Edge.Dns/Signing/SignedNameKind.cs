namespace Edge.Dns.Signing;

/// <summary>What a zone is to one of its owners.</summary>
internal enum SignedNameKind
{
    /// <summary>The one that answers for it: all of it is signed.</summary>
    Answered,

    /// <summary>The one that hands it away: only the DS set and the proof that it is one are signed (RFC 4035 §2.2, §2.3).</summary>
    Delegation,

    /// <summary>It lies below a delegation or a DNAME: glue, or what nobody is told.</summary>
    Occluded,
}

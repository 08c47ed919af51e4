namespace Edge.Dns.Resolver.Validation;

/// <summary>What records of denial say about a name that has no DS.</summary>
internal enum CutProof
{
    /// <summary>They do not speak of it.</summary>
    Missing,

    /// <summary>A delegation without DS, or one that an opt-out may hide: what is below is not signed (RFC 4035 §5.2).</summary>
    Unsigned,

    /// <summary>No delegation: the name belongs to the same zone.</summary>
    NoCut,

    /// <summary>There is no such name, and so nothing below it (RFC 8020 §2).</summary>
    NoName,
}

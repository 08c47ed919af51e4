namespace Edge.Gateway.Straight;

/// <summary>How the end of a body is known (RFC 9112 section 6.3).</summary>
internal enum BodyKind
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>It has a length.</summary>
    Length,

    /// <summary>It comes in chunks, of which the last is empty.</summary>
    Chunked,

    /// <summary>The connection ends with it.</summary>
    UntilClose,
}

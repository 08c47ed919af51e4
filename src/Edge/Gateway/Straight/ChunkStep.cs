namespace Edge.Gateway.Straight;

/// <summary>What comes next in a body of chunks.</summary>
internal enum ChunkStep
{
    /// <summary>More has to be received first.</summary>
    NeedsMore,

    /// <summary>Bytes of the body.</summary>
    Data,

    /// <summary>A field after the body.</summary>
    Trailer,

    /// <summary>The end of the message.</summary>
    End,

    /// <summary>It is not what RFC 9112 section 7.1 says.</summary>
    Malformed,
}

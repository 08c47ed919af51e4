namespace Edge.Gateway.Front.Http2;

/// <summary>What it means that a client says nothing.</summary>
internal enum SilenceKind
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>Whether it is still there has to be asked.</summary>
    Long,

    /// <summary>It wants nothing more.</summary>
    Rest,

    /// <summary>It is gone, or keeps a place that others could have.</summary>
    Dead,
}

namespace Edge.Dns.Resolver;

/// <summary>How asking an upstream ended.</summary>
internal enum ReplyKind
{
    /// <summary>A whole message that belongs to the query.</summary>
    Message,

    /// <summary>Nothing came in time.</summary>
    Timeout,

    /// <summary>The network or the host refused.</summary>
    Unreachable,

    /// <summary>Over UDP: only TCP can tell, because of TC or of another case in the name.</summary>
    NeedsTcp,
}

namespace Edge.Dns.Nameserver;

/// <summary>What a query's COOKIE option proves (RFC 7873 §5.2).</summary>
internal enum CookieState : byte
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>The client begins: it has no cookie of ours yet.</summary>
    ClientOnly,

    /// <summary>A cookie that we did not make for this client, or too long ago. Its sender may be forged.</summary>
    Bad,

    /// <summary>The client got an answer from us before: its address is not forged.</summary>
    Good,
}

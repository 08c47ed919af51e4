namespace Edge.Dns.Resolver;

/// <summary>What a received message is to a query that waits.</summary>
internal enum ReplyMatch
{
    /// <summary>Another ID, another question, or no reply at all: ignored, the wait goes on.</summary>
    Foreign,

    /// <summary>Right but for the case of the name: forged, or from a server that lowers it. TCP tells which.</summary>
    OtherCase,

    /// <summary>The reply.</summary>
    Ours,
}

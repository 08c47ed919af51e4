namespace Edge.Services;

/// <summary>Whether the destination is told who connects, by the PROXY protocol.</summary>
internal enum ProxyProtocolVersion
{
    None,

    /// <summary>One line of text.</summary>
    V1,

    /// <summary>Binary.</summary>
    V2,
}

namespace Edge.Streams;

/// <summary>How far the reading of a PROXY protocol header is.</summary>
internal enum ProxyHeaderStatus
{
    /// <summary>What has come may be the beginning of one.</summary>
    Incomplete,

    Complete,

    /// <summary>It is none.</summary>
    Wrong,
}

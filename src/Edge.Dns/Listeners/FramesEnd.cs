namespace Edge.Dns.Listeners;

/// <summary>Why no more queries of a stream are answered for now.</summary>
internal enum FramesEnd
{
    /// <summary>No complete query is left.</summary>
    Incomplete,

    /// <summary>The answers must be sent first.</summary>
    Full,

    /// <summary>The next query takes longer than the thread has.</summary>
    Deferred,
}

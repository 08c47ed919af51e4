namespace Edge.Dns.Nameserver;

/// <summary>How far the zones carried an answer.</summary>
internal enum ChaseEnd
{
    /// <summary>To its end.</summary>
    Answered,

    /// <summary>The name asked for is not ours to answer, and nothing is written.</summary>
    NotOurs,

    /// <summary>A chain of aliases is written, and its last target is not ours; the client may have it resolved.</summary>
    LeftOurZones,
}

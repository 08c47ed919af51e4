namespace Edge.Dns.Multicast;

/// <summary>How far a name is ours on a link.</summary>
internal enum ClaimPhase
{
    /// <summary>Asked about: nobody else may have it (RFC 6762 §8.1).</summary>
    Probing,

    /// <summary>Told of, once and once more (RFC 6762 §8.3).</summary>
    Announcing,

    /// <summary>Answered for.</summary>
    Established,
}

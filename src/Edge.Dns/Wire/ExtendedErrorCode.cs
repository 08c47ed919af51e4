namespace Edge.Dns.Wire;

/// <summary>INFO-CODEs of extended DNS errors that Edge sends or reads (RFC 8914 §4).</summary>
public enum ExtendedErrorCode : ushort
{
    /// <summary>RFC 8914 §4.1.</summary>
    Other = 0,
    /// <summary>RFC 8914 §4.2: every DNSKEY that could be used has an algorithm that is not supported.</summary>
    UnsupportedDnskeyAlgorithm = 1,
    /// <summary>RFC 8914 §4.3: every DS that could be used has a digest type that is not supported.</summary>
    UnsupportedDsDigestType = 2,
    /// <summary>RFC 8914 §4.4: served from cache past its TTL.</summary>
    StaleAnswer = 3,
    /// <summary>RFC 8914 §4.6: validation ended without a result.</summary>
    DnssecIndeterminate = 5,
    /// <summary>RFC 8914 §4.7.</summary>
    DnssecBogus = 6,
    /// <summary>RFC 8914 §4.8.</summary>
    SignatureExpired = 7,
    /// <summary>RFC 8914 §4.9.</summary>
    SignatureNotYetValid = 8,
    /// <summary>RFC 8914 §4.10: a DS without a DNSKEY that goes with it.</summary>
    DnskeyMissing = 9,
    /// <summary>RFC 8914 §4.11.</summary>
    RrsigsMissing = 10,
    /// <summary>RFC 8914 §4.13: no proof of what is not there.</summary>
    NsecMissing = 12,
    /// <summary>RFC 8914 §4.15: the server is still starting.</summary>
    NotReady = 14,
    /// <summary>RFC 8914 §4.16.</summary>
    Blocked = 15,
    /// <summary>RFC 8914 §4.18.</summary>
    Filtered = 17,
    /// <summary>RFC 8914 §4.19.</summary>
    Prohibited = 18,
    /// <summary>RFC 8914 §4.20.</summary>
    StaleNxDomainAnswer = 19,
    /// <summary>RFC 8914 §4.23.</summary>
    NoReachableAuthority = 22,
    /// <summary>RFC 8914 §4.24.</summary>
    NetworkError = 23,
    /// <summary>RFC 8914 §4.25: a zone that is too old to be served.</summary>
    InvalidData = 24,
    /// <summary>RFC 9276 §3.2: more iterations than a validator is willing to compute.</summary>
    UnsupportedNsec3Iterations = 27,
}

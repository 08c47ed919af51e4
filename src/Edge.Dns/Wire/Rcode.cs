namespace Edge.Dns.Wire;

/// <summary>Response codes (IANA "DNS RCODEs"). Values above 15 need EDNS (RFC 6891 §6.1.3).</summary>
public enum Rcode : ushort
{
    /// <summary>RFC 1035 §4.1.1.</summary>
    NoError = 0,
    /// <summary>RFC 1035 §4.1.1.</summary>
    FormErr = 1,
    /// <summary>RFC 1035 §4.1.1.</summary>
    ServFail = 2,
    /// <summary>RFC 1035 §4.1.1.</summary>
    NxDomain = 3,
    /// <summary>RFC 1035 §4.1.1.</summary>
    NotImp = 4,
    /// <summary>RFC 1035 §4.1.1.</summary>
    Refused = 5,
    /// <summary>RFC 2136 §2.2; RFC 6672 §2.2 for a DNAME result that is too long.</summary>
    YxDomain = 6,
    /// <summary>RFC 2136 §2.2.</summary>
    YxRrset = 7,
    /// <summary>RFC 2136 §2.2.</summary>
    NxRrset = 8,
    /// <summary>RFC 2136 §2.2, RFC 8945 §5.2.</summary>
    NotAuth = 9,
    /// <summary>RFC 2136 §2.2.</summary>
    NotZone = 10,
    /// <summary>RFC 6891 §9.</summary>
    BadVers = 16,
    /// <summary>RFC 7873 §8.</summary>
    BadCookie = 23,
}

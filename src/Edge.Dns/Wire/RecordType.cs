namespace Edge.Dns.Wire;

/// <summary>RR types and QTYPEs by their IANA numbers. A number without a name here is still a valid type (RFC 3597 §2).</summary>
public enum RecordType : ushort
{
    /// <summary>No type; never on the wire.</summary>
    None = 0,
    /// <summary>RFC 1035 §3.4.1.</summary>
    A = 1,
    /// <summary>RFC 1035 §3.3.11.</summary>
    NS = 2,
    /// <summary>RFC 1035 §3.3.1.</summary>
    CNAME = 5,
    /// <summary>RFC 1035 §3.3.13.</summary>
    SOA = 6,
    /// <summary>RFC 1035 §3.3.12.</summary>
    PTR = 12,
    /// <summary>RFC 1035 §3.3.2.</summary>
    HINFO = 13,
    /// <summary>RFC 1035 §3.3.9.</summary>
    MX = 15,
    /// <summary>RFC 1035 §3.3.14.</summary>
    TXT = 16,
    /// <summary>RFC 1183 §2.2.</summary>
    RP = 17,
    /// <summary>RFC 1183 §1.</summary>
    AFSDB = 18,
    /// <summary>RFC 3596 §2.1.</summary>
    AAAA = 28,
    /// <summary>RFC 1876.</summary>
    LOC = 29,
    /// <summary>RFC 2782.</summary>
    SRV = 33,
    /// <summary>RFC 3403 §4.</summary>
    NAPTR = 35,
    /// <summary>RFC 4398.</summary>
    CERT = 37,
    /// <summary>RFC 6672.</summary>
    DNAME = 39,
    /// <summary>RFC 6891, the EDNS pseudo RR.</summary>
    OPT = 41,
    /// <summary>RFC 4034 §5.</summary>
    DS = 43,
    /// <summary>RFC 4255.</summary>
    SSHFP = 44,
    /// <summary>RFC 4034 §3.</summary>
    RRSIG = 46,
    /// <summary>RFC 4034 §4.</summary>
    NSEC = 47,
    /// <summary>RFC 4034 §2.</summary>
    DNSKEY = 48,
    /// <summary>RFC 4701.</summary>
    DHCID = 49,
    /// <summary>RFC 5155 §3.</summary>
    NSEC3 = 50,
    /// <summary>RFC 5155 §4.</summary>
    NSEC3PARAM = 51,
    /// <summary>RFC 6698.</summary>
    TLSA = 52,
    /// <summary>RFC 8162.</summary>
    SMIMEA = 53,
    /// <summary>RFC 7344 §3.1.</summary>
    CDS = 59,
    /// <summary>RFC 7344 §3.2.</summary>
    CDNSKEY = 60,
    /// <summary>RFC 7929.</summary>
    OPENPGPKEY = 61,
    /// <summary>RFC 7477.</summary>
    CSYNC = 62,
    /// <summary>RFC 8976.</summary>
    ZONEMD = 63,
    /// <summary>RFC 9460.</summary>
    SVCB = 64,
    /// <summary>RFC 9460 §9.</summary>
    HTTPS = 65,
    /// <summary>RFC 7043.</summary>
    EUI48 = 108,
    /// <summary>RFC 7043.</summary>
    EUI64 = 109,
    /// <summary>RFC 9824 §3.5: only in the type list of an NSEC record, where it says that the name does not exist.</summary>
    NXNAME = 128,
    /// <summary>RFC 8945.</summary>
    TSIG = 250,
    /// <summary>RFC 1995.</summary>
    IXFR = 251,
    /// <summary>RFC 5936.</summary>
    AXFR = 252,
    /// <summary>RFC 1035 §3.2.3, RFC 8482.</summary>
    ANY = 255,
    /// <summary>RFC 7553.</summary>
    URI = 256,
    /// <summary>RFC 8659.</summary>
    CAA = 257,
    /// <summary>Private use (RFC 6895 §3.1), with the number that PowerDNS gave it: in zone files only, never on the wire.</summary>
    ALIAS = 65401,
}

namespace Edge.Dns.Resolver;

/// <summary>What is answered for a special name and what lies below it.</summary>
public enum SpecialNameAnswer
{
    /// <summary>"No such name", the name itself included.</summary>
    NxDomain,

    /// <summary>An empty zone: SOA and NS at its top, nothing below (RFC 6303 §3).</summary>
    EmptyZone,

    /// <summary>As <see cref="EmptyZone"/>, but DS is asked upstream, where the delegation is proven insecure (RFC 8375 §4).</summary>
    EmptyInsecureZone,

    /// <summary>Exists, and has nothing.</summary>
    NoData,

    /// <summary>127.0.0.1 and ::1 (RFC 6761 §6.3).</summary>
    Localhost,

    /// <summary>192.0.0.170 and 192.0.0.171 (RFC 8880 §7.1).</summary>
    Ipv4Only,
}

namespace Edge.Dns.Zones;

/// <summary>What a zone has to say about a name and a type (RFC 1034 §4.3.2 step 3).</summary>
public enum LookupKind
{
    /// <summary>The name does not exist.</summary>
    NxDomain,

    /// <summary>The name exists, the type does not.</summary>
    NoData,

    /// <summary>The RRset asked for, or for ANY all RRsets of the name.</summary>
    Answer,

    /// <summary>The name is an alias (RFC 1034 §3.6.2).</summary>
    Cname,

    /// <summary>The name lies below a redirected subtree (RFC 6672).</summary>
    Dname,

    /// <summary>The name lies at or below a zone cut and is another server's business.</summary>
    Delegation,

    /// <summary>The name has an ALIAS, and the addresses that it leads to are not known now: neither an answer nor its absence would be true.</summary>
    Unresolved,
}

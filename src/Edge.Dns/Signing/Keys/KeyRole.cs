namespace Edge.Dns.Signing.Keys;

/// <summary>What a key signs.</summary>
public enum KeyRole
{
    /// <summary>Everything: one key is enough for a zone that one server signs.</summary>
    Csk,

    /// <summary>The DNSKEY set only; the parent's DS names it (RFC 6781 §3.1).</summary>
    Ksk,

    /// <summary>All other sets.</summary>
    Zsk,
}

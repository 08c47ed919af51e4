namespace Edge.Dns.Wire;

/// <summary>The one-bit flags of the header's second word, at their places on the wire (RFC 1035 §4.1.1, RFC 4035 §3).</summary>
[Flags]
public enum MessageFlags : ushort
{
    /// <summary>No flag set: a query that does not ask for recursion.</summary>
    None = 0,
    /// <summary>QR: this message is a response.</summary>
    Response = 0x8000,
    /// <summary>AA: the answer comes from the zone itself.</summary>
    Authoritative = 0x0400,
    /// <summary>TC: something required did not fit.</summary>
    Truncated = 0x0200,
    /// <summary>RD: the client asks for recursion.</summary>
    RecursionDesired = 0x0100,
    /// <summary>RA: this server recurses for this client.</summary>
    RecursionAvailable = 0x0080,
    /// <summary>AD: the data was validated (RFC 6840 §5.7).</summary>
    AuthenticData = 0x0020,
    /// <summary>CD: the client validates by itself (RFC 4035 §3.2.2).</summary>
    CheckingDisabled = 0x0010,
}

namespace Edge.Dns.Wire;

/// <summary>Kinds of query (IANA "DNS OpCodes").</summary>
public enum Opcode : byte
{
    /// <summary>RFC 1035 §4.1.1.</summary>
    Query = 0,
    /// <summary>RFC 1996.</summary>
    Notify = 4,
    /// <summary>RFC 2136.</summary>
    Update = 5,
}

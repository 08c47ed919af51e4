namespace Edge.Dns.Wire;

/// <summary>Classes (RFC 1035 §3.2.4). Edge serves IN; CHAOS is answered only for the server's own identity.</summary>
public enum RecordClass : ushort
{
    /// <summary>The Internet.</summary>
    IN = 1,
    /// <summary>CHAOS.</summary>
    CH = 3,
    /// <summary>"No such" in updates (RFC 2136 §2.4).</summary>
    None = 254,
    /// <summary>Any class.</summary>
    Any = 255,
}

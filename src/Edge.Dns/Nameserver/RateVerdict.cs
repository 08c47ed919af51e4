namespace Edge.Dns.Nameserver;

/// <summary>What becomes of an answer whose receiver may be forged.</summary>
internal enum RateVerdict : byte
{
    /// <summary>It is sent.</summary>
    Send,

    /// <summary>It is cut to nothing with TC set: who really asked comes again over TCP.</summary>
    Slip,

    /// <summary>It is not sent.</summary>
    Drop,
}

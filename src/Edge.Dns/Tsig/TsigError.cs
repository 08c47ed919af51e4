namespace Edge.Dns.Tsig;

/// <summary>What is wrong with a signature, as the TSIG record's error field says it (RFC 8945 §3).</summary>
public enum TsigError : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The signature is not the one that the secret makes of this message.</summary>
    BadSignature = 16,

    /// <summary>The key or its algorithm is not known here.</summary>
    BadKey = 17,

    /// <summary>The message was signed too long ago, or in the future, or was seen before.</summary>
    BadTime = 18,

    /// <summary>The signature is shorter than is accepted here.</summary>
    BadTruncation = 22,
}

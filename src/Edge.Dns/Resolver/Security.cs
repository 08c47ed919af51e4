namespace Edge.Dns.Resolver;

/// <summary>How far an answer can be believed (RFC 4035 §4.3).</summary>
internal enum Security
{
    /// <summary>Nobody looked, or no trust anchor covers it.</summary>
    Indeterminate,

    /// <summary>Proven to lie in a part of the tree that is not signed.</summary>
    Insecure,

    /// <summary>A chain of signatures leads to it from a trust anchor.</summary>
    Secure,

    /// <summary>It should be signed and is not, or its signatures are wrong.</summary>
    Bogus,
}

namespace Edge.Dns.Signing;

/// <summary>What an NSEC record that was made for one name says.</summary>
internal enum ProofKind : byte
{
    /// <summary>The name exists and has these types (RFC 9824 §3.2); a name that a wildcard answers counts as existing.</summary>
    Types,

    /// <summary>The name is a delegation and has these types; nothing is said about names below it (RFC 9824 §3.4).</summary>
    Delegation,

    /// <summary>The name does not exist (RFC 9824 §3.1).</summary>
    NoName,

    /// <summary>Neither the name nor any below it exists, so that a wildcard answers for it (RFC 4035 §3.1.3.3).</summary>
    NoCloserMatch,
}

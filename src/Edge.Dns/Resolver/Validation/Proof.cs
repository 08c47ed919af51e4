namespace Edge.Dns.Resolver.Validation;

/// <summary>What records of denial come to for one question.</summary>
internal enum Proof
{
    /// <summary>They do not prove it.</summary>
    Missing,

    /// <summary>They prove it.</summary>
    Complete,

    /// <summary>They prove it but for unsigned delegations, which an opt-out leaves out (RFC 5155 §9.2): not secure.</summary>
    OptOut,
}

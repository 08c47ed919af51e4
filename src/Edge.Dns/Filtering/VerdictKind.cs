namespace Edge.Dns.Filtering;

/// <summary>What is to be done with a question.</summary>
public enum VerdictKind
{
    /// <summary>No rule says anything: where its answer leads is still to be looked at.</summary>
    None,

    /// <summary>A rule allows it, whatever its answer leads to.</summary>
    Allowed,

    /// <summary>It is blocked.</summary>
    Blocked,

    /// <summary>The settings have an answer of their own for it.</summary>
    Answered,
}

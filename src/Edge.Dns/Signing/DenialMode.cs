namespace Edge.Dns.Signing;

/// <summary>How a zone proves that something is not there.</summary>
public enum DenialMode
{
    /// <summary>Made for each question, so that nobody can walk through the zone's names (RFC 9824).</summary>
    Compact,

    /// <summary>The chain of all names, as every server knows it (RFC 4035 §3.1.3); anybody can list the zone.</summary>
    Nsec,
}

namespace Edge.Dns.Queries;

/// <summary>What is kept of the address of who asked.</summary>
public enum ClientDisplay
{
    /// <summary>All of it.</summary>
    Full,

    /// <summary>Its network: /24, or /56 for IPv6.</summary>
    Network,

    /// <summary>A number that stands for it until the next start: clients can be told apart and not named.</summary>
    Hashed,
}

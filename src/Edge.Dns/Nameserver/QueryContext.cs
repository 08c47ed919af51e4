namespace Edge.Dns.Nameserver;

/// <summary>What is known about a query beside its bytes.</summary>
/// <param name="Client">Who asks: it decides the view.</param>
/// <param name="Transport">How it came.</param>
/// <param name="Server">The address that was asked; all zeros where the listener does not know it.</param>
public readonly record struct QueryContext(ClientAddress Client, Transport Transport, ClientAddress Server = default)
{
    /// <summary>The name of the view that a verified key puts the client into; null for the view of its address.</summary>
    public string? View { get; init; }

    /// <summary>How many names of the settings have led to this question; 0 for what a client asks.</summary>
    internal int Hops { get; init; }

    /// <summary>When it came, in ticks of UTC; 0 where nobody has looked at the clock.</summary>
    internal long Arrived { get; init; }

    /// <summary>Whether the client of a TLS connection named the protocol "dot" (ALPN), which transfers demand (RFC 9103).</summary>
    public bool NamesDot { get; init; }
}

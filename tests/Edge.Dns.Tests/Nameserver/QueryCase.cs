using Edge.Dns.Wire;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>One paragraph of law: who asks what is told what. Records are lines of zone-file text; a section left null must be empty.</summary>
public sealed record QueryCase(string Title, string Name, string Type)
{
    /// <summary>DO in the query (RFC 3225 §3).</summary>
    public bool DnssecOk { get; init; }

    public Rcode Rcode { get; init; } = Rcode.NoError;

    public string[] Answer { get; init; } = [];

    public string[] Authority { get; init; } = [];

    public string[] Additional { get; init; } = [];

    /// <summary>AA; true unless the case says otherwise.</summary>
    public bool Authoritative { get; init; } = true;

    public bool Truncated { get; init; }

    public override string ToString() => Title;
}

using Edge.Dns.Wire;

namespace Edge.Dns.Tests.Update;

/// <summary>One rule: what is sent, what comes back, and what is different in the zone afterwards.</summary>
/// <param name="Title">The rule.</param>
/// <param name="Lines">The update, as nsupdate takes it.</param>
public sealed record UpdateCase(string Title, params string[] Lines)
{
    public Rcode Rcode { get; init; } = Rcode.NoError;

    /// <summary>Records that are new, as lines of a zone file; their TTL belongs to them.</summary>
    public string[] Added { get; init; } = [];

    /// <summary>Records that are gone.</summary>
    public string[] Removed { get; init; } = [];

    public override string ToString() => Title;
}

using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Update;

/// <summary>What an update comes to for who keeps it.</summary>
/// <param name="Refusal">Why nothing is to be changed; null when the update is good.</param>
/// <param name="Records">The names it is about, each with the records that are to be kept there from now on.</param>
public sealed record UpdateOutcome(UpdateRefusal? Refusal, ImmutableDictionary<Name, ImmutableArray<ResourceRecord>> Records)
{
    /// <summary>An update that changes nothing.</summary>
    public static UpdateOutcome Refused(UpdateRefusal refusal) => new(refusal, ImmutableDictionary<Name, ImmutableArray<ResourceRecord>>.Empty);
}

using System.Collections.Immutable;
using Edge.Dns.Multicast;

namespace Edge.Names.Multicast;

/// <summary>What was found at one moment, and what is to become of it.</summary>
/// <param name="Instances">The services of neighbours.</param>
/// <param name="Rules">Which of them are served.</param>
/// <param name="Asks">Whether anything is asked at all.</param>
internal sealed record FoundServices(ImmutableArray<FoundInstance> Instances, ImmutableArray<AdoptionRule> Rules, bool Asks)
{
    public static readonly FoundServices None = new([], [], true);

    public bool Equals(FoundServices? other) => other is not null && Asks == other.Asks && Rules.SequenceEqual(other.Rules) && Instances.SequenceEqual(other.Instances);

    public override int GetHashCode() => HashCode.Combine(Instances.Length, Rules.Length, Asks);
}

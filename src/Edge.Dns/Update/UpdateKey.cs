using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Update;

/// <summary>A key that updates may be signed with, and what its owner may change.</summary>
/// <param name="Name">The key's name.</param>
/// <param name="View">The view whose version of a zone it changes; null for the zone itself.</param>
/// <param name="Rules">What it may; nothing without a rule.</param>
public sealed record UpdateKey(Name Name, string? View, ImmutableArray<UpdateRule> Rules)
{
    /// <summary>Whether the key may change this set.</summary>
    public bool Allows(Name owner, RecordType type) => Rules.Any(rule => rule.Covers(owner, type));

    /// <summary>Whether the key may change anything at this name.</summary>
    public bool AllowsSomeAt(Name owner) => Rules.Any(rule => rule.Names.Matches(owner));

    /// <inheritdoc/>
    public bool Equals(UpdateKey? other) => other is not null && Name == other.Name && View == other.View && Rules.SequenceEqual(other.Rules);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, View, Rules.Length);
}

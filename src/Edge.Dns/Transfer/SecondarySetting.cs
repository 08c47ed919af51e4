using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Transfer;

/// <summary>A zone that we have from other servers.</summary>
/// <param name="Origin">The zone's apex.</param>
/// <param name="View">The only view that sees it; null for every view.</param>
/// <param name="Primaries">Where it comes from; the first that answers counts.</param>
/// <param name="IsCatalog">Whether it is a catalog whose members we have from the same servers (RFC 9432).</param>
public sealed record SecondarySetting(Name Origin, string? View, ImmutableArray<PrimaryServer> Primaries, bool IsCatalog = false)
{
    /// <inheritdoc/>
    public bool Equals(SecondarySetting? other) => other is not null && Origin == other.Origin && View == other.View
        && IsCatalog == other.IsCatalog && Primaries.SequenceEqual(other.Primaries);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Origin, View, Primaries.Length);
}

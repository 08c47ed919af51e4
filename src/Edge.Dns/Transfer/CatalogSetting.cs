using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Transfer;

/// <summary>A catalog of our zones, from which secondaries learn which zones there are (RFC 9432).</summary>
/// <param name="Origin">The catalog's apex.</param>
/// <param name="View">The view whose zones it lists, and that alone sees it.</param>
/// <param name="Members">The zones it lists if they are there; null for every zone of the view.</param>
/// <param name="Secondaries">The servers that have the catalog and its members from us.</param>
public sealed record CatalogSetting(Name Origin, string View, ImmutableArray<Name>? Members, ImmutableArray<TransferPeer> Secondaries)
{
    /// <summary>Whether it lists a zone of that name, or is it.</summary>
    public bool Covers(Name origin) => origin == Origin || Members is not { } some || some.Contains(origin);

    /// <inheritdoc/>
    public bool Equals(CatalogSetting? other) => other is not null && Origin == other.Origin && View == other.View
        && Members.HasValue == other.Members.HasValue && (Members is not { } mine || mine.SequenceEqual(other.Members!.Value)) && Secondaries.SequenceEqual(other.Secondaries);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Origin, View);
}

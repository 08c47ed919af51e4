using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Transfer;

/// <summary>What the owner of a key may transfer, from any address.</summary>
/// <param name="Zones">The origins; null for every zone of the key's view.</param>
public sealed record TransferRight(ImmutableArray<Name>? Zones)
{
    /// <summary>Whether a zone is among them.</summary>
    public bool Covers(Name origin) => Zones is not { } some || some.Contains(origin);

    /// <inheritdoc/>
    public bool Equals(TransferRight? other) =>
        other is not null && Zones.HasValue == other.Zones.HasValue && (Zones is not { } mine || mine.SequenceEqual(other.Zones!.Value));

    /// <inheritdoc/>
    public override int GetHashCode() => Zones?.Length ?? -1;
}

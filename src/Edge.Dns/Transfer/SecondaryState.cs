using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Transfer;

/// <summary>What a secondary zone is at one moment, for what is served and for reports; immutable.</summary>
/// <param name="Declared">The zone; null while there is none that may be served.</param>
/// <param name="Changes">What is otherwise than declared.</param>
/// <param name="Serial">The serial held, served or not; null when none was ever transferred.</param>
/// <param name="Refreshed">When a primary last said that this is current.</param>
/// <param name="Expired">Whether it is held and must not be served any more (RFC 1034 §4.3.5).</param>
/// <param name="Trouble">What the primaries did instead at the last try; null after a good one.</param>
public sealed record SecondaryState(
    DeclaredZone? Declared, ImmutableArray<ChangedRRset> Changes, uint? Serial, DateTimeOffset? Refreshed, bool Expired, string? Trouble)
{
    /// <summary>The members of a catalog as it last was a good one; null for other zones, and before the first good one.</summary>
    public ImmutableArray<Name>? Members { get; init; }

    /// <summary>Nothing yet.</summary>
    public static readonly SecondaryState Empty = new(null, [], null, null, false, null);
}

using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>The records of one zone as declared, for every view or for one.</summary>
/// <param name="Origin">The zone's apex.</param>
/// <param name="View">
/// Null for <c>zones/ORIGIN.zone</c>: the zone itself, complete with SOA and NS. A view's name for
/// <c>zones/VIEW/ORIGIN.zone</c>: each owner in it replaces that owner, with all its types, in that view only.
/// </param>
/// <param name="Records">Its records in the order of the file, each with its line.</param>
public sealed record DeclaredZone(Name Origin, string? View, ImmutableArray<ResourceRecord> Records);

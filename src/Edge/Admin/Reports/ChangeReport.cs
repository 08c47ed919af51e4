using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>One RRset that an update has left otherwise than it is declared.</summary>
/// <param name="View">The view it is for; null for the zone itself.</param>
/// <param name="Name">The owner, without the dot at its end.</param>
/// <param name="Type">The type.</param>
/// <param name="Ttl">Seconds; null when the set is gone.</param>
/// <param name="Data">The data of each record; empty when the set is gone.</param>
/// <param name="Source">Who changed it, and when.</param>
internal sealed record ChangeReport(string? View, string Name, string Type, uint? Ttl, ImmutableArray<string> Data, string Source);

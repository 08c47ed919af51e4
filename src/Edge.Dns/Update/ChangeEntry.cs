using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Update;

/// <summary>The outcome of one update, made whole or not at all: what the journal keeps. It says what is, so that reading it twice does no harm.</summary>
/// <param name="Zone">The zone.</param>
/// <param name="View">The view it is for; null for the zone itself.</param>
/// <param name="Source">Who made it, and when: "update by key laptop., 2026-01-01 12:00:00Z".</param>
/// <param name="Steps">What becomes of each RRset; one step for each owner and type.</param>
internal sealed record ChangeEntry(Name Zone, string? View, string Source, ImmutableArray<ChangeStep> Steps);

using System.Collections.Immutable;

namespace Edge.Stores;

/// <summary>Entries as they stood at one revision; a watch after it misses nothing.</summary>
internal sealed record StoreListing(ImmutableArray<StoreEntry> Entries, long Revision);

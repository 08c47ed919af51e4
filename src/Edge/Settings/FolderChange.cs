using System.Collections.Immutable;

namespace Edge.Settings;

/// <summary>What changed in a followed folder since it was looked at before.</summary>
/// <param name="Files">The files that are new or differ, ordered by name.</param>
/// <param name="Gone">The <see cref="FolderFile.Shown"/> names of the files that are no longer there.</param>
/// <param name="Trouble">Why the folder as a whole cannot be read, for as long as that lasts; what was read before still counts.</param>
internal sealed record FolderChange(ImmutableArray<FolderFile> Files, ImmutableArray<string> Gone, string? Trouble);

namespace Edge.Dns.Zones.MasterFile;

/// <summary>What became of a file that $INCLUDE names: its bytes, or why it cannot be had.</summary>
/// <param name="Path">The file as the user knows it.</param>
/// <param name="Content">Its bytes; null when it cannot be read.</param>
/// <param name="Error">Why not; null when it was read.</param>
internal sealed record IncludedFile(string Path, byte[]? Content, string? Error = null);

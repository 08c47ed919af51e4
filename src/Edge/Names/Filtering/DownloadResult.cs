namespace Edge.Names.Filtering;

/// <summary>What became of one download.</summary>
/// <param name="Changed">Whether there is a new text.</param>
/// <param name="Error">Why there is none that can be used; null when all is well.</param>
internal sealed record DownloadResult(bool Changed, string? Error);

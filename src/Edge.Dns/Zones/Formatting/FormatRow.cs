namespace Edge.Dns.Zones.Formatting;

/// <summary>What one line of a file holds: words as they are written, quotes and escapes included, and a comment.</summary>
internal sealed class FormatRow
{
    public List<string> Words { get; } = [];

    /// <summary>From its semicolon on, without spaces at its end; null where the line has none.</summary>
    public string? Comment { get; set; }

    public bool IsEmpty => Words.Count == 0 && Comment is null;
}

namespace Edge.Dns.Zones;

/// <summary>One thing that is wrong in a zone file, said so that it can be mended.</summary>
/// <param name="File">The file as the user knows it: <c>zones/example.com.zone</c>.</param>
/// <param name="Line">1-based line; 0 where the whole file is meant.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Hint">What to do; null where the message says it.</param>
/// <param name="Severity">Whether the zone can be served in spite of it.</param>
public sealed record ZoneProblem(
    string File, int Line, string Message, string? Hint = null, ZoneProblemSeverity Severity = ZoneProblemSeverity.Error)
{
    /// <summary>True when this keeps the file from being loaded.</summary>
    public bool IsError => Severity == ZoneProblemSeverity.Error;

    /// <summary>"zones/example.com.zone:12: message (hint)"; a warning says so before its message.</summary>
    public override string ToString()
    {
        var where = Line > 0 ? $"{File}:{Line}: " : $"{File}: ";
        var what = IsError ? Message : $"warning: {Message}";
        return Hint is null ? where + what : $"{where}{what} ({Hint})";
    }
}

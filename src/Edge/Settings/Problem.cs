namespace Edge.Settings;

/// <summary>One thing that is wrong in what a person or a program gave us, said so that it can be mended.</summary>
/// <param name="File">The file as the user knows it; null for a request body.</param>
/// <param name="Line">1-based line; 0 where there is none.</param>
/// <param name="Field">Dotted path of the field, "services.photos.to[1]"; "" for the whole document.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Hint">What to do; null where the message says it.</param>
internal sealed record Problem(string? File, int Line, string Field, string Message, string? Hint = null)
{
    /// <summary>"proxy-routes/photos.yaml:3: services.photos.to: … (hint)".</summary>
    public override string ToString()
    {
        var where = File is null ? "" : Line > 0 ? $"{File}:{Line}: " : $"{File}: ";
        var field = Field.Length == 0 ? "" : $"{Field}: ";
        return Hint is null ? $"{where}{field}{Message}" : $"{where}{field}{Message} ({Hint})";
    }
}

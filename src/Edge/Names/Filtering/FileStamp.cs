namespace Edge.Names.Filtering;

/// <summary>What tells one state of a file from another.</summary>
internal readonly record struct FileStamp(DateTime Written, long Length)
{
    /// <summary>The state now; null when there is no file.</summary>
    public static FileStamp? Of(string path)
    {
        try
        {
            var file = new FileInfo(path);
            var real = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
            return real is { Exists: true } ? new FileStamp(real.LastWriteTimeUtc, real.Length) : null;
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

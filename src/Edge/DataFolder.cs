namespace Edge;

/// <summary>The folder that holds what Edge writes: keys are in it, so it is the owner's alone.</summary>
internal static class DataFolder
{
    /// <summary>Makes the folder when it is not there.</summary>
    /// <exception cref="StartFailedException">It cannot be made or written.</exception>
    public static string Open(string path)
    {
        try
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var probe = Path.Combine(path, ".probe");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return path;
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new StartFailedException($"the data folder {path} cannot be written: {wrong.Message}. Make it writable for this user, or set another with \"data\" in edge.yaml.", wrong);
        }
    }
}

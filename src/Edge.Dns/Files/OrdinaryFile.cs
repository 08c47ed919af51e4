namespace Edge.Dns.Files;

/// <summary>
/// Files that somebody else gives us by name. A device has no end and a pipe may have nobody at its other one: opening
/// them would take all memory or all time, so that only ordinary files of a sensible size are read.
/// </summary>
public static class OrdinaryFile
{
    /// <summary>Why what lies at a path is not to be read, as words behind "cannot be read:"; null when it can be, or is not there.</summary>
    /// <param name="path">The path; links are followed.</param>
    /// <param name="mostBytes">What it may hold.</param>
    public static string? ProblemOf(string path, long mostBytes)
    {
        try
        {
            using var file = Open(path, mostBytes);
            return null;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message.TrimEnd('.');
        }
    }

    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">The path; links are followed.</param>
    /// <param name="mostBytes">What it may hold.</param>
    /// <exception cref="IOException">It is not there, no ordinary file or too large; the message says which.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static FileStream Open(string path, long mostBytes)
    {
        if (Directory.Exists(path))
        {
            throw new IOException("it is a folder, and no file");
        }

        if (File.Exists(path) && FileFingerprint.Of(path) == FileFingerprint.None)
        {
            throw new IOException("it is a device or a pipe, and no ordinary file");
        }

        // Whoever writes it may go on, or take it away.
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length <= mostBytes)
        {
            return file;
        }

        file.Dispose();
        throw TooLarge(mostBytes);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The path; links are followed.</param>
    /// <param name="mostBytes">What it may hold.</param>
    /// <exception cref="IOException">It is not there, no ordinary file or too large; the message says which.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[] ReadBytes(string path, long mostBytes)
    {
        using var file = Open(path, mostBytes);
        var bytes = new byte[file.Length];
        var length = 0;
        // Files that the system makes up as they are read, as those in /proc, say that they are empty.
        for (var next = new byte[1]; ;)
        {
            length += file.ReadAtLeast(bytes.AsSpan(length), bytes.Length - length, throwOnEndOfStream: false);
            if (length < bytes.Length || file.Read(next) == 0)
            {
                break;
            }

            if (length >= mostBytes)
            {
                throw TooLarge(mostBytes);
            }

            Array.Resize(ref bytes, (int)Math.Min(Math.Max(length * 2L, 4096), mostBytes));
            bytes[length++] = next[0];
        }

        Array.Resize(ref bytes, length);
        return bytes;
    }

    private static IOException TooLarge(long mostBytes) =>
        new($"it is larger than {(mostBytes >= 1 << 20 ? $"{mostBytes >> 20} MiB" : $"{mostBytes >> 10} KiB")}");
}

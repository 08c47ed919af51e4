namespace Edge.Observability.Requests;

/// <summary>
/// The file of the access log: put aside when it is large, and opened anew when somebody else has moved, removed or emptied
/// it, as logrotate does.
/// </summary>
internal sealed class AccessLogFile(string path, long largest, int keep) : IDisposable
{
    // Readers such as fail2ban may be of the owner's group.
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private FileStream? _stream;
    private long _length;

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>Whether lines for these options go here.</summary>
    public bool IsFor(AccessLogOptions options) => options.File == path && options.LargestFile == largest && options.Keep == keep;

    /// <summary>Writes whole lines.</summary>
    /// <exception cref="IOException">The disk is full, or the like.</exception>
    public void Append(ReadOnlySpan<byte> lines)
    {
        if (_stream is not null && Length() != _length)
        {
            Close();
        }

        var stream = _stream ??= Open();
        stream.Write(lines);
        _length += lines.Length;
    }

    /// <summary>Whether it is to be put aside.</summary>
    public bool IsLarge => keep > 0 && _stream is not null && _length >= largest;

    /// <summary>access.log becomes access.log.1, what was .1 becomes .2, and so on; the oldest goes. The next line begins the file anew.</summary>
    /// <exception cref="IOException">Something is in the way. What was written is there, and so are those that were put aside before.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public void PutAside()
    {
        Close();
        // Only as far as there is no gap: tried again and again, they would move on until the last one is gone.
        var free = 1;
        while (free < keep && File.Exists($"{path}.{free}"))
        {
            free++;
        }

        for (var number = free - 1; number >= 1; number--)
        {
            File.Move($"{path}.{number}", $"{path}.{number + 1}", overwrite: true);
        }

        File.Move(path, $"{path}.1", overwrite: true);
    }

    /// <summary>Opens the file anew at the next line.</summary>
    public void Close()
    {
        _stream?.Dispose();
        _stream = null;
    }

    public void Dispose() => Close();

    private FileStream Open()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        // Also for reading: to open a pipe for writing alone would wait until somebody reads from it.
        var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            UnixCreateMode = Mode,
        });
        if (!stream.CanSeek)
        {
            stream.Dispose();
            throw new IOException($"{path} is no ordinary file");
        }

        try
        {
            LinuxFiles.Append(stream.SafeFileHandle);
            _length = stream.Seek(0, SeekOrigin.End);
            EndLine(stream);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    // What a full disk, or the end of the power, has left of a line stays by itself.
    private void EndLine(FileStream stream)
    {
        Span<byte> last = stackalloc byte[1];
        if (_length > 0 && RandomAccess.Read(stream.SafeFileHandle, last, _length - 1) == 1 && last[0] != '\n')
        {
            stream.Write("\n"u8);
            _length++;
        }
    }

    private long Length()
    {
        var info = new FileInfo(path);
        return info.Exists ? info.Length : -1;
    }
}

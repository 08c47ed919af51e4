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
        if (keep > 0 && _length >= largest)
        {
            Close();
            PutAside();
        }
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
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
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

        _length = stream.Seek(0, SeekOrigin.End);
        return stream;
    }

    private long Length()
    {
        var info = new FileInfo(path);
        return info.Exists ? info.Length : -1;
    }

    // access.log becomes access.log.1, what was .1 becomes .2, and so on; the oldest goes.
    private void PutAside()
    {
        File.Delete($"{path}.{keep}");
        for (var number = keep - 1; number >= 1; number--)
        {
            if (File.Exists($"{path}.{number}"))
            {
                File.Move($"{path}.{number}", $"{path}.{number + 1}", overwrite: true);
            }
        }

        File.Move(path, $"{path}.1", overwrite: true);
    }
}

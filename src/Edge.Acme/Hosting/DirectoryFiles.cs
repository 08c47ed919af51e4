using System.Runtime.InteropServices;
using System.Text;

namespace Edge.Acme.Hosting;

/// <summary>Files in a folder, for their owner alone: written beside their place, flushed, renamed, and the folder flushed.</summary>
internal sealed class DirectoryFiles(string folder) : IAcmeFiles
{
    private const string Staged = ".new";
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan OldStage = TimeSpan.FromHours(1);

    public string PathOf(string name) => Path.Combine(folder, name);

    public string? Read(string name)
    {
        try
        {
            return File.ReadAllText(PathOf(name));
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException(refused.Message, refused);
        }
    }

    public void Write(string name, string text)
    {
        var path = PathOf(name);
        // Two applications may share the folder, and each is process 1 of its container.
        var stage = $"{path}.{Guid.NewGuid():N}{Staged}";
        try
        {
            MakeFolder(Path.GetDirectoryName(path)!);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = PrivateFile;
            }

            using (var stream = new FileStream(stage, options))
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }

            ForgetStages(path, File.GetLastWriteTimeUtc(stage) - OldStage);
            File.Move(stage, path, overwrite: true);
            FlushFolder(Path.GetDirectoryName(path)!);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            Forget(stage);
            throw failed as IOException ?? new IOException(failed.Message, failed);
        }
    }

    public IEnumerable<string> Folders()
    {
        try
        {
            return Directory.Exists(folder) ? [.. Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path))] : [];
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException(refused.Message, refused);
        }
    }

    public void Delete(string name)
    {
        if (File.Exists(PathOf(name)))
        {
            File.Delete(PathOf(name));
        }
    }

    // What a crash left beside the file, by the clock of the disk.
    private static void ForgetStages(string path, DateTime before)
    {
        foreach (var stage in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, $"{Path.GetFileName(path)}.*{Staged}").Where(stage => File.GetLastWriteTimeUtc(stage) < before))
        {
            Forget(stage);
        }
    }

    private static void Forget(string stage)
    {
        try
        {
            File.Delete(stage);
        }
        catch (Exception stuck) when (stuck is IOException or UnauthorizedAccessException)
        {
            // Another time.
        }
    }

    private static void MakeFolder(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        // .NET gives the mode to the last folder only.
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
        {
            MakeFolder(parent);
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, PrivateFile | UnixFileMode.UserExecute);
        }
    }

    // A rename is on the disk only when its folder is; .NET has no call for that.
    private static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(Encoding.UTF8.GetBytes(path + "\0"), 0);
        if (descriptor >= 0)
        {
            _ = Fsync(descriptor);
            _ = Close(descriptor);
        }
    }

    [DllImport("libc", EntryPoint = "open")]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync")]
    private static extern int Fsync(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int descriptor);
}

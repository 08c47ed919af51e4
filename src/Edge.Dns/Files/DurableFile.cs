using System.Runtime.InteropServices;
using System.Text;

namespace Edge.Dns.Files;

/// <summary>
/// Files that are there whole or not at all, and only for their owner: written beside their place, flushed, renamed
/// in the same folder.
/// </summary>
public static class DurableFile
{
    /// <summary>Mode 0600.</summary>
    public const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Mode 0700.</summary>
    public const UnixFileMode PrivateFolder = PrivateFile | UnixFileMode.UserExecute;

    /// <summary>Where a file waits for its rename.</summary>
    public static string StagePath(string path) => path + ".new";

    /// <summary>Makes a folder of mode 0700, and those above it that are missing alike; one that is there keeps its mode.</summary>
    public static void MakeFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        // .NET gives the mode to the last folder only.
        if (Path.GetDirectoryName(folder) is { Length: > 0 } parent)
        {
            MakeFolder(parent);
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, PrivateFolder);
        }
    }

    /// <summary>Writes a file of mode 0600 in one step.</summary>
    /// <param name="path">Its place.</param>
    /// <param name="text">Its content.</param>
    /// <param name="flush">False for what can be made again at no cost: no wait for the disk.</param>
    /// <exception cref="IOException">Nothing was changed.</exception>
    public static void Write(string path, string text, bool flush = true)
    {
        Stage(path, text, flush);
        Commit(path, flush);
    }

    /// <summary>Writes a file of mode 0600 in one step.</summary>
    /// <param name="path">Its place.</param>
    /// <param name="write">Writes its content.</param>
    /// <param name="flush">False for what can be made again at no cost: no wait for the disk.</param>
    /// <exception cref="IOException">Nothing was changed.</exception>
    public static void Write(string path, Action<Stream> write, bool flush = true)
    {
        Stage(path, write, flush);
        Commit(path, flush);
    }

    /// <summary>The first half: the content is on the disk, beside its place.</summary>
    public static void Stage(string path, string text, bool flush) => Stage(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)), flush);

    private static void Stage(string path, Action<Stream> write, bool flush)
    {
        var stage = StagePath(path);
        try
        {
            // Not opened but made anew, so that its mode is ours.
            File.Delete(stage);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = PrivateFile;
            }

            using var stream = new FileStream(stage, options);
            write(stream);
            stream.Flush(flush);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            TryDelete(stage);
            throw failed is IOException ? failed : new IOException(failed.Message, failed);
        }
    }

    /// <summary>The second half: the content takes its place.</summary>
    public static void Commit(string path, bool flush)
    {
        File.Move(StagePath(path), path, overwrite: true);
        if (flush)
        {
            FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
    }

    /// <summary>Removes a file if that can be done.</summary>
    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // A leftover is overwritten by the next write; there is nothing better to do about it now.
        }
    }

    /// <summary>A rename is on the disk only when its folder is; .NET has no call that flushes a folder.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(Encoding.UTF8.GetBytes(folder + "\0"), 0);
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

using System.Runtime.InteropServices;
using System.Text;

namespace Edge.Dns.Signing.Keys;

/// <summary>Files that are there whole or not at all, for their owner only: a key that is lost costs a zone its names.</summary>
internal static class DurableFile
{
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a folder of mode 0700, with those above it.</summary>
    public static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, PrivateFile | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Writes a file of mode 0600 beside its place, flushes it and renames it.</summary>
    /// <exception cref="IOException">Nothing was changed.</exception>
    public static void Write(string path, string text)
    {
        var stage = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = PrivateFile;
        }

        File.Delete(stage);
        using (var stream = new FileStream(stage, options))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }

        File.Move(stage, path, overwrite: true);
        if (!OperatingSystem.IsWindows())
        {
            FlushFolder(Path.GetDirectoryName(path)!);
        }
    }

    // A rename is on the disk only when its folder is; .NET has no call that flushes a folder.
    private static void FlushFolder(string folder)
    {
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

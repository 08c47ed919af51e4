using System.Globalization;
using System.Text;

namespace Edge.Stores;

/// <summary>Keeps a second process out of a data folder. The lock is advisory and ends with the process, however that happens.</summary>
internal sealed class FolderLock : IDisposable
{
    // The number of the holder stands in a file of its own, because nobody else can read the locked one.
    private const string HolderFile = "edge.pid";

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <exception cref="StoreUnavailableException">Another process has the folder, or it cannot be written.</exception>
    public static FolderLock Take(string folder)
    {
        var holder = Path.Combine(folder, HolderFile);
        FileStream file;
        try
        {
            Directory.CreateDirectory(folder);
            file = new FileStream(Path.Combine(folder, "edge.lock"), Owned(FileMode.OpenOrCreate));
        }
        catch (UnauthorizedAccessException wrong)
        {
            throw new StoreUnavailableException($"the data folder {folder} cannot be written: give the user that runs Edge the right to write there", wrong);
        }
        catch (IOException wrong) when (IsHeld(wrong))
        {
            throw Held(folder, wrong);
        }
        catch (IOException wrong)
        {
            throw new StoreUnavailableException($"the data folder {folder} cannot be used: {wrong.Message}", wrong) { OutOfSpace = IsFull(wrong) };
        }

        try
        {
            using var number = new FileStream(holder, Owned(FileMode.Create));
            number.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            // The number only makes a message clearer; the lock holds without it.
        }

        return new FolderLock(file);
    }

    /// <summary>Tells whether another process has the folder, without taking it and without making it.</summary>
    /// <exception cref="StoreUnavailableException">Another process has it.</exception>
    public static void RefuseHeld(string folder)
    {
        try
        {
            using var file = new FileStream(Path.Combine(folder, "edge.lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException wrong) when (IsHeld(wrong))
        {
            throw Held(folder, wrong);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            // Nobody was ever here, or it is told when the folder is taken.
        }
    }

    /// <summary>Waits until no other process has the folder; who cannot find out has to find it out by <see cref="Take"/>.</summary>
    public static async Task FreeAsync(string folder, TimeProvider time, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await using var file = new FileStream(Path.Combine(folder, "edge.lock"), Owned(FileMode.OpenOrCreate));
                return;
            }
            catch (IOException wrong) when (IsHeld(wrong))
            {
                await Task.Delay(Look, time, cancel).ConfigureAwait(false);
            }
            catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
            {
                return;
            }
        }
    }

    public void Dispose() => _file.Dispose();

    // Like everything in the data folder: only for the user that runs Edge.
    private static FileStreamOptions Owned(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private static StoreUnavailableException Held(string folder, IOException wrong) =>
        new($"the data folder {folder} is already in use by process {HolderIn(Path.Combine(folder, HolderFile))}: stop that one, or give this one a data folder of its own", wrong);

    // EWOULDBLOCK (Linux 11, macOS 35) from flock; ERROR_SHARING_VIOLATION (32) on Windows.
    private static bool IsHeld(IOException wrong) =>
        wrong.GetType() == typeof(IOException) && (wrong.HResult is 11 or 35 || (wrong.HResult & 0xFFFF) == 32);

    private static bool IsFull(IOException wrong) => wrong.HResult == 28;

    private static string HolderIn(string file)
    {
        try
        {
            return File.ReadAllText(file) is { Length: > 0 } number ? number : "?";
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            return "?";
        }
    }
}

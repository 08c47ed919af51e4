using System.Runtime.InteropServices;

namespace Edge.Observability.Requests;

/// <summary>What the framework does not say to open(2). Linux only.</summary>
internal static partial class LinuxFiles
{
    /// <summary>Each write goes to the end of the file, wherever another process has moved that (O_APPEND; pwrite(2) as well).</summary>
    public static void Append(SafeHandle file)
    {
        const int setStatus = 4;
        const int append = 0x400;
        if (OperatingSystem.IsLinux())
        {
            _ = fcntl(file, setStatus, append);
        }
    }

    [LibraryImport("libc")]
    private static partial int fcntl(SafeHandle descriptor, int command, nint value);
}

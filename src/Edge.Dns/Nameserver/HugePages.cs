using System.Runtime.InteropServices;

namespace Edge.Dns.Nameserver;

/// <summary>
/// Pages of 2 MiB for a table that is read in no order: its addresses are then translated without a walk through the
/// page table for each (madvise(2)). A hint: where the system does not take it, everything is as before.
/// </summary>
internal static unsafe partial class HugePages
{
    /// <summary>Their size in bytes on the machines of most people; memory that begins elsewhere gains less.</summary>
    public const int Size = 1 << 21;

    private const int Wanted = 14;

    /// <summary>Asks for them.</summary>
    /// <param name="start">A multiple of <see cref="Size"/>.</param>
    /// <param name="length">Bytes.</param>
    public static void Advise(void* start, nint length)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Advise(start, length, Wanted);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* start, nint length, int advice);
}

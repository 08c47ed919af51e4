using System.Runtime.InteropServices;

namespace Edge.Dns.Filtering;

/// <summary>
/// Memory in whole pages, straight from the system where that is Linux: what is given back is given back at once, and
/// what grows is moved by its page table and not by its bytes. It comes zeroed.
/// </summary>
internal static unsafe partial class PageMemory
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;
    private const int MayMove = 1;

    public static void* Allocate(long bytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            return NativeMemory.AllocZeroed((nuint)bytes);
        }

        var start = Map(null, (nuint)bytes, ReadWrite, PrivateAnonymous, -1, 0);
        return (nint)start == -1 ? throw new OutOfMemoryException($"the system has no {bytes} bytes for names of lists") : start;
    }

    /// <summary>Makes it longer or shorter; what is added is zero.</summary>
    public static void* Resize(void* start, long bytes, long wanted)
    {
        if (!OperatingSystem.IsLinux())
        {
            var grown = (byte*)NativeMemory.Realloc(start, (nuint)wanted);
            if (wanted > bytes)
            {
                NativeMemory.Clear(grown + bytes, (nuint)(wanted - bytes));
            }

            return grown;
        }

        var moved = Remap(start, (nuint)bytes, (nuint)wanted, MayMove);
        return (nint)moved == -1 ? throw new OutOfMemoryException($"the system has no {wanted} bytes for names of lists") : moved;
    }

    public static void Free(void* start, long bytes)
    {
        if (start is null)
        {
            return;
        }

        if (OperatingSystem.IsLinux())
        {
            _ = Unmap(start, (nuint)bytes);
        }
        else
        {
            NativeMemory.Free(start);
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Map(void* at, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mremap")]
    private static partial void* Remap(void* start, nuint length, nuint wanted, int flags);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* start, nuint length);
}

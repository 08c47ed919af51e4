using System.Globalization;
using System.Runtime.InteropServices;

namespace Edge;

/// <summary>
/// Gives back the memory that only the start needed. Most of it is the program's file itself, of which the system
/// keeps in memory what was touched and what lay beside it; what is needed again it finds in its cache.
/// </summary>
internal static partial class StartMemory
{
    // What is larger would keep requests waiting for longer than they notice.
    private const long MostCompacted = 32 * 1024 * 1024;

    // MADV_DONTNEED
    private const int DoNotNeed = 4;

    /// <summary>Compacts what is left of the start's objects, and lets go of the pages of files that nobody has written to.</summary>
    public static void GiveBack()
    {
        if (GC.GetTotalMemory(forceFullCollection: false) <= MostCompacted)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }

        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            foreach (var (from, until) in Unwritten(File.ReadAllLines("/proc/self/smaps"), Environment.ProcessPath ?? ""))
            {
                _ = Advise(from, until - from, DoNotNeed);
            }
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            // Who may not see them keeps them.
        }
    }

    /// <summary>The mappings of a file, read-only and private, of which no page is the process's own: a page that was written to would be lost.</summary>
    /// <param name="smaps">The lines of /proc/PID/smaps: a line for a mapping, then one for each of its figures.</param>
    /// <param name="file">Its path. That of the program is mapped for as long as it runs.</param>
    internal static IEnumerable<(nint From, nint Until)> Unwritten(IEnumerable<string> smaps, string file)
    {
        (nint, nint)? mapping = null;
        foreach (var line in smaps)
        {
            if (line.StartsWith("Anonymous:", StringComparison.Ordinal))
            {
                if (mapping is { } found && line.AsSpan("Anonymous:".Length).Trim().SequenceEqual("0 kB"))
                {
                    yield return found;
                }
            }
            else if (line.Split(' ', 2) is [var range, var rest] && !range.EndsWith(':'))
            {
                mapping = IsReadOnly(rest, file) ? Range(range) : null;
            }
        }
    }

    // Such as "r-xp 00001000 fe:00 1234   /usr/bin/edge".
    private static bool IsReadOnly(string mapping, string file) => mapping[..4] is "r-xp" or "r--p" && mapping.EndsWith(" " + file, StringComparison.Ordinal);

    private static (nint, nint) Range(string range)
    {
        var dash = range.IndexOf('-');
        return (Address(range.AsSpan(0, dash)), Address(range.AsSpan(dash + 1)));
    }

    private static nint Address(ReadOnlySpan<char> hex) => nint.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint from, nint length, int advice);
}

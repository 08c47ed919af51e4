using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Edge;

/// <summary>
/// Has a large heap lie in huge pages (2 MiB instead of 4 KiB). With 100,000 hosts each request reads pages that no request read for
/// long, and where each of them lies has to be looked up first. See docs/decisions/0056-huge-pages.md.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed partial class LargeHeap(TimeProvider time) : IDisposable
{
    /// <summary>What is smaller gains nothing: its pages are few enough for the processor to remember.</summary>
    public const long Large = 128 * 1024 * 1024;

    private const int HugePage = 2 * 1024 * 1024;

    // MADV_COLLAPSE, since Linux 6.1; before, nothing comes of it.
    private const int CollapseAdvice = 25;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private ITimer? _timer;
    private int _seen = -1;
    private int _looking;

    /// <summary>Looks after each collection that may have moved what is old, until it is disposed.</summary>
    public void Start() => _timer ??= time.CreateTimer(static heap => ((LargeHeap)heap!).Look(), this, Interval, Interval);

    public void Dispose() => _timer?.Dispose();

    /// <summary>Gathers the heap of this process in huge pages, without moving an object. What is in them already takes no time.</summary>
    /// <returns>Whether the system did so for any part of it.</returns>
    public static bool Collapse()
    {
        var done = false;
        try
        {
            foreach (var (from, until) in Writable(File.ReadLines("/proc/self/maps"), AnyAddress()))
            {
                // One after the other: the system stops whoever touches a page while it is copied.
                for (var page = (from + HugePage - 1) & -HugePage; page + HugePage <= until; page += HugePage)
                {
                    done |= Advise(page, HugePage, CollapseAdvice) == 0;
                }
            }
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            // Who may not see where it lies leaves it as it is.
        }

        return done;
    }

    /// <summary>The parts in use of what the collector has reserved: one range, part of it writable, nothing of it a file.</summary>
    /// <param name="maps">The lines of /proc/PID/maps, in the order of their addresses.</param>
    /// <param name="inside">An address of the heap.</param>
    internal static IReadOnlyList<(nint From, nint Until)> Writable(IEnumerable<string> maps, nint inside)
    {
        var range = new List<(nint From, nint Until)>();
        var (end, holds) = (nint.Zero, false);
        foreach (var line in maps)
        {
            var (from, until, isWritable, isNobodys) = Mapping(line);
            if (!isNobodys || from != end)
            {
                if (holds)
                {
                    break;
                }

                range.Clear();
            }

            end = until;
            holds |= isNobodys && inside >= from && inside < until;
            if (isNobodys && isWritable)
            {
                range.Add((from, until));
            }
        }

        return holds ? range : [];
    }

    // Such as "7f00a000-7f00c000 rw-p 00000000 00:00 0", and a path behind it for what is a file, a stack or the C library's.
    private static (nint From, nint Until, bool IsWritable, bool IsNobodys) Mapping(string line)
    {
        var parts = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
        var dash = parts[0].IndexOf('-');
        return (Address(parts[0].AsSpan(0, dash)), Address(parts[0].AsSpan(dash + 1)), parts[1].StartsWith("rw", StringComparison.Ordinal), parts.Length == 5);
    }

    private static nint Address(ReadOnlySpan<char> hex) => nint.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    // All that is asked of it is in which range the collector's objects are.
    private static nint AnyAddress()
    {
        var anything = new object();
        return Unsafe.As<object, nint>(ref anything);
    }

    private void Look()
    {
        if (!OperatingSystem.IsLinux() || Interlocked.Exchange(ref _looking, 1) != 0)
        {
            return;
        }

        var collections = GC.CollectionCount(GC.MaxGeneration);
        if (collections != _seen && GC.GetTotalMemory(forceFullCollection: false) >= Large)
        {
            _seen = collections;
            _ = Collapse();
        }

        Volatile.Write(ref _looking, 0);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint from, nint length, int advice);
}

using System.Runtime.InteropServices;

namespace Edge.Connections;

/// <summary>
/// Asks the system for short turns on the processor for a thread that mostly waits: when it has something to do, it then
/// goes before those that calculate, instead of waiting until their turns are over (sched(7), since Linux 6.12; before, nothing
/// comes of it). It gets no more of the processor than before.
/// </summary>
internal static partial class ShortTurns
{
    /// <summary>The least there is, in nanoseconds.</summary>
    public const ulong Length = 100_000;

    private const uint Other = 0;

    // sched_getattr(2) and sched_setattr(2) have no wrapper in older C libraries.
    private static readonly (nint Get, nint Set)? Calls = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => (315, 314),
        Architecture.Arm64 => (275, 274),
        _ => null,
    };

    /// <summary>Asks for them for this thread.</summary>
    public static void Ask()
    {
        // Who has given the process another kind of turn has reasons.
        if (Read() is { Policy: Other } turns && Calls is { } calls)
        {
            turns.Runtime = Length;
            _ = Set(calls.Set, 0, in turns, 0);
        }
    }

    /// <summary>The turns of this thread; null where the system does not tell.</summary>
    public static Turns? Read() =>
        OperatingSystem.IsLinux() && Calls is { } calls && Get(calls.Get, 0, out var turns, Marshal.SizeOf<Turns>(), 0) == 0 ? turns : null;

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Get(nint number, int thread, out Turns turns, int size, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Set(nint number, int thread, in Turns turns, uint flags);

    /// <summary>struct sched_attr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Turns
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Runtime;
        public ulong Deadline;
        public ulong Period;
        public uint LeastUse;
        public uint MostUse;
    }
}

using System.Runtime.InteropServices;

namespace Edge.Dns.Listeners;

/// <summary>
/// Asks the kernel (Linux 6.12 and later) for short turns of the calling thread. It gets no more of the core, but gets it
/// soon after a packet has come in, though others of Edge's threads, such as the one that deals with questions nobody
/// answered, are in the middle of their turns of some milliseconds. Needs no privilege. Where there is no such thing,
/// nothing happens.
/// </summary>
internal static unsafe partial class LinuxSchedule
{
    private const int ThisThread = 0;

    // The shortest there is.
    private const ulong ShortestTurn = 100_000;

    // sched_setattr has no function in the C library of all distributions that Edge runs on.
    private static readonly nint Call = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 314,
        Architecture.Arm64 => 274,
        _ => 0,
    };

    /// <summary>For the calling thread, which keeps its priority.</summary>
    public static void AskForShortTurns()
    {
        if (Call == 0 || !OperatingSystem.IsLinux())
        {
            return;
        }

        var wanted = new Attributes { Size = (uint)sizeof(Attributes) };
        if (SystemCall(Call + 1, ThisThread, &wanted, wanted.Size, 0) == 0 && wanted.Policy == 0)
        {
            wanted.Flags = 0;
            wanted.Runtime = ShortestTurn;
            _ = SystemCall(Call, ThisThread, &wanted, 0, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint thread, Attributes* attributes, nuint third, nuint fourth);

    // struct sched_attr, first version.
    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Runtime;
        public ulong Deadline;
        public ulong Period;
    }
}

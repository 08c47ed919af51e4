using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>The system calls by which one thread waits for many sockets (epoll(7), eventfd(2)).</summary>
internal static unsafe partial class LinuxReadiness
{
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const uint In = 1;
    private const int AddOperation = 1;

    // struct epoll_event is packed on x86-64 and nowhere else.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    /// <summary>Bytes of one event.</summary>
    public static readonly int EventSize = DataOffset + 8;

    /// <summary>A new set of descriptors; negative on failure.</summary>
    public static int Create() => epoll_create1(CloseOnExec);

    /// <summary>A descriptor by which another thread wakes the one that waits.</summary>
    public static int CreateWaker() => eventfd(0, NonBlocking | CloseOnExec);

    /// <summary>Adds a socket, to be told of under a number while something can be read. It leaves the set when it is closed.</summary>
    public static bool Add(int set, SafeSocketHandle socket, long number)
    {
        var bytes = stackalloc byte[16];
        Fill(bytes, number);
        return epoll_ctl(set, AddOperation, socket, bytes) == 0;
    }

    /// <summary>Adds a waker under a number.</summary>
    public static void AddWaker(int set, int waker, long number)
    {
        var bytes = stackalloc byte[16];
        Fill(bytes, number);
        _ = epoll_ctl(set, AddOperation, waker, bytes);
    }

    /// <summary>The number that was given with the descriptor.</summary>
    public static long NumberOf(byte* @event) => *(long*)(@event + DataOffset);

    /// <summary>Wakes the thread that waits.</summary>
    public static void Wake(int waker)
    {
        var one = 1L;
        _ = write(waker, &one, sizeof(long));
    }

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int Wait(int set, byte* events, int count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    private static void Fill(byte* bytes, long number)
    {
        *(uint*)bytes = In;
        *(long*)(bytes + DataOffset) = number;
    }

    [LibraryImport("libc")]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc")]
    private static partial int epoll_ctl(int set, int operation, SafeSocketHandle descriptor, byte* @event);

    [LibraryImport("libc")]
    private static partial int epoll_ctl(int set, int operation, int descriptor, byte* @event);

    [LibraryImport("libc")]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc")]
    private static partial nint write(int descriptor, void* buffer, nuint length);
}

using System.Runtime.InteropServices;

namespace Edge.Dns.Listeners;

/// <summary>The system calls by which one thread serves many connections (epoll(7), accept4(2), eventfd(2)).</summary>
internal static unsafe partial class LinuxPolling
{
    public const uint In = 1;
    public const uint Out = 4;

    /// <summary>Of several threads that wait for one listening socket, not all wake up.</summary>
    public const uint Exclusive = 1u << 28;

    public const int Add = 1;
    public const int Delete = 2;
    public const int Modify = 3;

    public const int TryAgain = 11;
    public const int Interrupted = 4;
    public const int TooManyFiles = 24;
    public const int TooManyFilesInSystem = 23;

    /// <summary>No signal when the other end is gone.</summary>
    public const int NoSignal = 0x4000;

    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;

    // struct epoll_event is packed on x86-64 and nowhere else.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    /// <summary>Bytes of one event.</summary>
    public static readonly int EventSize = DataOffset + 8;

    /// <summary>A new set of descriptors.</summary>
    public static int Create() => epoll_create1(CloseOnExec);

    /// <summary>A descriptor by which another thread wakes the loop.</summary>
    public static int CreateWaker() => eventfd(0, NonBlocking | CloseOnExec);

    /// <summary>Adds, changes or removes a descriptor.</summary>
    public static int Control(int set, int operation, int descriptor, uint events, ulong data)
    {
        var bytes = stackalloc byte[16];
        *(uint*)bytes = events;
        *(ulong*)(bytes + DataOffset) = data;
        return epoll_ctl(set, operation, descriptor, bytes);
    }

    /// <summary>The number that was given with the descriptor.</summary>
    public static ulong DataOf(byte* @event) => *(ulong*)(@event + DataOffset);

    /// <summary>A waiting connection, not blocking; negative when there is none.</summary>
    public static int Accept(int listener, byte* address, uint* length) => accept4(listener, address, length, NonBlocking | CloseOnExec);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int Wait(int set, byte* events, int count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int socket, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int socket, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "getsockname")]
    public static partial int LocalAddress(int socket, byte* address, uint* length);

    [LibraryImport("libc", EntryPoint = "write")]
    public static partial nint Write(int descriptor, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "read")]
    public static partial nint Read(int descriptor, void* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int set, int operation, int descriptor, byte* @event);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept4(int listener, byte* address, uint* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);
}

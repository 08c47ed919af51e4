using System.Runtime.InteropServices;

namespace Edge.Connections;

/// <summary>The system calls of the event loops (epoll(7), eventfd(2), accept4(2), recv(2), send(2)). Linux only.</summary>
internal static unsafe partial class LinuxSockets
{
    /// <summary>Something can be read.</summary>
    public const uint In = 0x1;

    /// <summary>Something can be written again.</summary>
    public const uint Out = 0x4;

    public const uint Error = 0x8;

    /// <summary>Both directions are over.</summary>
    public const uint HungUp = 0x10;

    /// <summary>The peer sends no more.</summary>
    public const uint PeerEnded = 0x2000;

    /// <summary>Of several loops that wait for one listening socket, not all are woken.</summary>
    public const uint Exclusive = 1u << 28;

    /// <summary>Told once for each change, not for as long as it lasts.</summary>
    public const uint EdgeTriggered = 1u << 31;

    public const int Interrupted = 4;
    public const int WouldBlock = 11;
    public const int TooManyFilesInSystem = 23;
    public const int TooManyFiles = 24;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int NoSignal = 0x4000;
    private const int StaysThere = 2;
    private const int AddOperation = 1;
    private const int DeleteOperation = 2;
    private const int SetFlags = 2;

    // struct epoll_event is packed on x86-64 and nowhere else.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    /// <summary>Bytes of one event.</summary>
    public static readonly int EventSize = DataOffset + 8;

    /// <summary>A new set of descriptors to wait for.</summary>
    public static SocketDescriptor CreatePoll() => new(Checked(epoll_create1(CloseOnExec)));

    /// <summary>A descriptor by which other threads wake a loop.</summary>
    public static SocketDescriptor CreateWaker() => new(Checked(eventfd(0, NonBlocking | CloseOnExec)));

    public static void Add(SafeHandle poll, SafeHandle descriptor, uint events, ulong data)
    {
        var bytes = stackalloc byte[16];
        Fill(bytes, events, data);
        Checked(epoll_ctl(poll, AddOperation, descriptor, bytes));
    }

    public static void Remove(SafeHandle poll, SafeHandle descriptor)
    {
        var bytes = stackalloc byte[16];
        _ = epoll_ctl(poll, DeleteOperation, descriptor, bytes);
    }

    /// <summary>What a socket is told from all others by, whichever descriptor it is looked at through (proc_pid_fd(5)).</summary>
    public static string NameOf(SafeHandle socket) => new FileInfo($"/proc/self/fd/{socket.DangerousGetHandle()}").LinkTarget ?? $"{socket.DangerousGetHandle()}";

    public static uint EventsOf(byte* @event) => *(uint*)@event;

    public static ulong DataOf(byte* @event) => *(ulong*)(@event + DataOffset);

    /// <summary>Nothing happens when the loop is no more.</summary>
    public static void Wake(SafeHandle waker)
    {
        var one = 1UL;
        try
        {
            _ = write(waker, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // Nobody is to be woken.
        }
    }

    public static void ClearWaker(SafeHandle waker)
    {
        ulong count;
        _ = read(waker, &count, sizeof(ulong));
    }

    /// <summary>The next connection, never blocking; negative when there is none, see <see cref="Marshal.GetLastPInvokeError"/>.</summary>
    public static int Accept(SafeHandle listener, Span<byte> address, out int length)
    {
        var room = (uint)address.Length;
        fixed (byte* into = address)
        {
            var descriptor = accept4(listener, into, &room, NonBlocking | CloseOnExec);
            length = (int)room;
            return descriptor;
        }
    }

    /// <summary>Bytes received, 0 at the end, -1 on failure, see <see cref="Marshal.GetLastPInvokeError"/>.</summary>
    public static int Receive(SafeHandle descriptor, Span<byte> into)
    {
        fixed (byte* bytes = into)
        {
            return (int)recv(descriptor, bytes, (nuint)into.Length, 0);
        }
    }

    /// <summary>The first byte that was received and not read, which stays there; -1 when there is none.</summary>
    public static int Peek(SafeHandle descriptor)
    {
        byte first;
        return recv(descriptor, &first, 1, StaysThere) == 1 ? first : -1;
    }

    /// <summary>Bytes the kernel took, -1 on failure, see <see cref="Marshal.GetLastPInvokeError"/>.</summary>
    public static int Send(SafeHandle descriptor, ReadOnlySpan<byte> from)
    {
        fixed (byte* bytes = from)
        {
            return (int)send(descriptor, bytes, (nuint)from.Length, NoSignal);
        }
    }

    /// <summary>The address of our end; its length, or negative.</summary>
    public static int LocalAddress(SafeHandle descriptor, Span<byte> address)
    {
        var room = (uint)address.Length;
        fixed (byte* into = address)
        {
            return getsockname(descriptor, into, &room) == 0 ? (int)room : -1;
        }
    }

    /// <summary>The same with bytes that lie in two places (sendmsg(2)).</summary>
    public static int Send(SafeHandle descriptor, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        fixed (byte* one = first, two = second)
        {
            var pieces = stackalloc Piece[2] { new(one, (nuint)first.Length), new(two, (nuint)second.Length) };
            var message = new Message { Pieces = pieces, Count = 2 };
            return (int)sendmsg(descriptor, &message, NoSignal);
        }
    }

    /// <summary>Small writes leave at once.</summary>
    public static void SetNoDelay(SafeHandle descriptor)
    {
        const int tcp = 6;
        const int noDelay = 1;
        var on = 1;
        _ = setsockopt(descriptor, tcp, noDelay, &on, sizeof(int));
    }

    /// <summary>Closing it resets the connection.</summary>
    public static void ResetOnClose(SafeHandle descriptor)
    {
        const int socket = 1;
        const int linger = 13;
        var value = stackalloc int[2] { 1, 0 };
        _ = setsockopt(descriptor, socket, linger, value, 2 * sizeof(int));
    }

    /// <summary>Lets programs that this one starts have it. The framework shuts no such socket down when it closes it.</summary>
    public static void Share(SafeHandle descriptor) => Checked(fcntl(descriptor, SetFlags, 0));

    /// <summary>Lets programs that this one starts not have it.</summary>
    public static void Withhold(SafeHandle descriptor)
    {
        const int closeOnExec = 1;
        Checked(fcntl(descriptor, SetFlags, closeOnExec));
    }

    /// <summary>Nothing more will be sent; receiving goes on.</summary>
    public static void EndSending(SafeHandle descriptor)
    {
        const int sending = 1;
        _ = shutdown(descriptor, sending);
    }

    /// <summary>Ends both directions; what was sent still arrives.</summary>
    public static void Shutdown(SafeHandle descriptor)
    {
        const int both = 2;
        _ = shutdown(descriptor, both);
    }

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int Wait(SafeHandle poll, byte* events, int count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(nint descriptor);

    private static int Checked(int result) =>
        result >= 0 ? result : throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));

    private static void Fill(byte* bytes, uint events, ulong data)
    {
        *(uint*)bytes = events;
        *(ulong*)(bytes + DataOffset) = data;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(SafeHandle poll, int operation, SafeHandle descriptor, byte* @event);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept4(SafeHandle listener, byte* address, uint* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(SafeHandle descriptor, byte* into, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(SafeHandle descriptor, byte* from, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(SafeHandle descriptor, Message* message, int flags);

    [LibraryImport("libc")]
    private static partial int getsockname(SafeHandle descriptor, byte* address, uint* length);

    [LibraryImport("libc")]
    private static partial int setsockopt(SafeHandle descriptor, int level, int name, void* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(SafeHandle descriptor, int command, nint value);

    [LibraryImport("libc")]
    private static partial int shutdown(SafeHandle descriptor, int how);

    [LibraryImport("libc")]
    private static partial nint read(SafeHandle descriptor, void* into, nuint length);

    [LibraryImport("libc")]
    private static partial nint write(SafeHandle descriptor, void* from, nuint length);

    // struct iovec.
    private readonly struct Piece(byte* start, nuint length)
    {
        public readonly byte* Start = start;
        public readonly nuint Length = length;
    }

    // struct msghdr of 64 bits.
    private struct Message
    {
        public void* Name;
        public nuint NameLength;
        public Piece* Pieces;
        public nuint Count;
        public void* Control;
        public nuint ControlLength;
        public nint Flags;
    }
}

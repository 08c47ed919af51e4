using System.Runtime.InteropServices;

namespace Edge.Dns.Listeners;

/// <summary>The two system calls that move many datagrams at once, and what they need (recvmmsg(2), sendmmsg(2)).</summary>
internal static unsafe partial class LinuxMessages
{
    /// <summary>Wait for the first datagram, then take what is there.</summary>
    public const int WaitForOne = 0x10000;

    /// <summary>Interrupted by a signal.</summary>
    public const int Interrupted = 4;

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int Receive(int socket, MessageVector* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int Send(int socket, MessageVector* messages, uint count, int flags);

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Buffer
    {
        public byte* Start;
        public nuint Length;
    }

    /// <summary>struct mmsghdr, its struct msghdr spread out; the layout of every 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageVector
    {
        public byte* Address;
        public uint AddressLength;
        private readonly uint _padding1;
        public Buffer* Buffers;
        public nuint BufferCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
        private readonly uint _padding2;
        public uint Length;
        private readonly uint _padding3;
    }
}

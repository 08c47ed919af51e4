using System.Runtime.InteropServices;
using System.Text;

namespace Edge.Restart;

/// <summary>A datagram of a Unix socket that brings a descriptor along (sendmsg(2), SCM_RIGHTS of unix(7)); the layout of every 64-bit Linux.</summary>
internal static unsafe partial class DescriptorMessage
{
    private const int SocketLevel = 1;
    private const int Rights = 1;
    private const int NoSignal = 0x4000;
    private const int HeaderLength = 16;
    private const int Room = 24;

    /// <param name="socket">A connected one.</param>
    /// <param name="text">What it says.</param>
    /// <param name="descriptor">What it brings; null for nothing.</param>
    /// <exception cref="IOException">It was not taken.</exception>
    public static void Send(SafeHandle socket, string text, SafeHandle? descriptor)
    {
        fixed (byte* bytes = Encoding.UTF8.GetBytes(text))
        {
            var piece = new Piece { Start = bytes, Length = (nuint)Encoding.UTF8.GetByteCount(text) };
            var message = new Message { Pieces = &piece, PieceCount = 1 };
            var control = stackalloc byte[Room];
            var held = false;
            try
            {
                if (descriptor is not null)
                {
                    descriptor.DangerousAddRef(ref held);
                    *(nuint*)control = HeaderLength + sizeof(int);
                    *(int*)(control + 8) = SocketLevel;
                    *(int*)(control + 12) = Rights;
                    *(int*)(control + HeaderLength) = (int)descriptor.DangerousGetHandle();
                    message.Control = control;
                    message.ControlLength = Room;
                }

                if (sendmsg(socket, &message, NoSignal) < 0)
                {
                    throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
                }
            }
            finally
            {
                if (held)
                {
                    descriptor!.DangerousRelease();
                }
            }
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(SafeHandle socket, Message* message, int flags);

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Piece
    {
        public byte* Start;
        public nuint Length;
    }

    /// <summary>struct msghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public byte* Name;
        public nuint NameLength;
        public Piece* Pieces;
        public nuint PieceCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }
}

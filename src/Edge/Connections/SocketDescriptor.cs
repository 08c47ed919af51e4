using Microsoft.Win32.SafeHandles;

namespace Edge.Connections;

/// <summary>A descriptor that is closed once, and never under a system call that uses it.</summary>
internal sealed class SocketDescriptor : SafeHandleMinusOneIsInvalid
{
    public SocketDescriptor(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    protected override bool ReleaseHandle() => LinuxSockets.Close(handle) == 0;
}

using System.Runtime.InteropServices;
using Edge.Dns.Nameserver;

namespace Edge.Dns.Listeners;

/// <summary>The sockets of TCP connections, without waiting: what the system calls of <see cref="LinuxPolling"/> want in memory and give back.</summary>
internal static unsafe class StreamSockets
{
    // The longest address of a client (struct sockaddr_in6) has 28 bytes.
    private const int AddressRoom = 32;

    /// <summary>A waiting connection; negative when there is none, or no descriptor for it.</summary>
    public static int Accept(int listener, out ClientAddress client)
    {
        Span<byte> peer = stackalloc byte[AddressRoom];
        var length = (uint)peer.Length;
        int handle;
        fixed (byte* address = peer)
        {
            handle = LinuxPolling.Accept(listener, address, &length);
        }

        client = handle < 0 ? default : Address(peer);
        return handle;
    }

    /// <summary>The address that a client came to.</summary>
    public static ClientAddress LocalOf(int handle)
    {
        Span<byte> local = stackalloc byte[AddressRoom];
        var length = (uint)local.Length;
        fixed (byte* address = local)
        {
            LinuxPolling.LocalAddress(handle, address, &length);
        }

        return Address(local);
    }

    /// <summary>Reads what is there; 0 at the end, negative when there is nothing, or the client is gone.</summary>
    public static int Receive(int handle, Span<byte> room)
    {
        fixed (byte* buffer = room)
        {
            return (int)LinuxPolling.Receive(handle, buffer, (nuint)room.Length, 0);
        }
    }

    /// <summary>Sends what the client takes; negative when it takes nothing, or is gone.</summary>
    public static int Send(int handle, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* buffer = bytes)
        {
            return (int)LinuxPolling.Send(handle, buffer, (nuint)bytes.Length, LinuxPolling.NoSignal);
        }
    }

    /// <summary>After a call that was negative: it is worth while to come back.</summary>
    public static bool MayComeBack() => Marshal.GetLastPInvokeError() is LinuxPolling.TryAgain or LinuxPolling.Interrupted;

    /// <summary>After <see cref="Accept"/> was negative: no descriptor was free.</summary>
    public static bool LacksDescriptors() => Marshal.GetLastPInvokeError() is LinuxPolling.TooManyFiles or LinuxPolling.TooManyFilesInSystem;

    private static ClientAddress Address(ReadOnlySpan<byte> socketAddress) => MemoryMarshal.Read<ushort>(socketAddress) == 2
        ? ClientAddress.FromBytes(socketAddress.Slice(4, 4))
        : ClientAddress.FromBytes(socketAddress.Slice(8, 16));
}

using System.Net;
using System.Net.Sockets;
using Edge.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Connections;

/// <summary>What who waits for a socket is told when it is closed on this side.</summary>
public sealed class LoopSocketTests
{
    // A descriptor is not closed under a system call: here the kernel goes on finding nothing for whoever asks it, and will tell nothing more.
    [Theory]
    [InlineData("a read")]
    [InlineData("a write")]
    public async Task Who_waits_is_told_of_the_end_though_another_thread_is_in_a_system_call(string what)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var loops = new EventLoops(NullLogger<EventLoops>.Instance);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndpoint, cancel);

        // Not disposed: its descriptor is another's from here on.
        var accepted = await listener.AcceptSocketAsync(cancel);
        accepted.Blocking = false;
        var descriptor = new SocketDescriptor((int)accepted.Handle);
        accepted.SafeHandle.SetHandleAsInvalid();
        GC.SuppressFinalize(accepted);
        var socket = new LoopSocket(descriptor, descriptor, loops.ForNewConnection(), connected: true);
        var waiting = what == "a read" ? socket.ReceiveAsync(new byte[1], cancel).AsTask() : socket.SendAsync(new byte[64 << 20], cancel).AsTask();

        var isUsed = false;
        socket.Descriptor.DangerousAddRef(ref isUsed);
        try
        {
            socket.Reset();
            await Assert.ThrowsAsync<IOException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(20), cancel));
        }
        finally
        {
            socket.Descriptor.DangerousRelease();
        }
    }
}

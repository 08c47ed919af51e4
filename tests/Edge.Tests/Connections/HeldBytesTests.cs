using System.Net;
using System.Net.Sockets;
using Edge.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Connections;

/// <summary>What a socket sends later: by one thread, whole, and in order.</summary>
public sealed class HeldBytesTests
{
    [Fact]
    public void Of_two_that_would_send_one_does()
    {
        var held = new HeldBytes();
        Assert.False(held.TryTake());
        held.Begin("abc"u8, turn: null);
        Assert.True(held.TryTake());
        Assert.False(held.TryTake());
        held.Sent(1);
        Assert.Equal("bc"u8, held.Rest);
        Assert.True(held.Any);
        held.Clear();
        Assert.False(held.Any);
        Assert.False(held.TryTake());
    }

    [Fact]
    public void More_is_added_in_the_same_turn_only()
    {
        using var loops = new EventLoops(NullLogger<EventLoops>.Instance);
        var (own, other) = (loops.All[0], new EventLoop(9, NullLogger.Instance));
        var held = new HeldBytes();
        Assert.False(held.TryAdd("x"u8, own));
        held.Begin("abc"u8, own);
        Assert.True(held.TryAdd("d"u8, own));
        Assert.False(held.TryAdd("e"u8, other));
        Assert.False(held.TryAdd("e"u8, turn: null));
        Assert.False(held.TryAdd(new byte[HeldBytes.Most], own));
        Assert.True(held.TryTake());
        Assert.Equal("abcd"u8, held.Rest);
        other.Stop();
    }

    [Fact]
    public async Task What_threads_of_the_pool_send_arrives_whole_and_in_order()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var loops = new EventLoops(NullLogger<EventLoops>.Instance);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var sockets = new List<(LoopSocket Ours, Socket Theirs)>();
        for (var i = 0; i < 8; i++)
        {
            var ours = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await ours.ConnectAsync(listener.LocalEndpoint, cancel);
            ours.Blocking = false;
            sockets.Add((new LoopSocket(ours.SafeHandle, ours, loops.ForNewConnection(), connected: true), await listener.AcceptSocketAsync(cancel)));
        }

        const int writes = 500;
        var sending = sockets.Select(pair => Task.Run(
            async () =>
            {
                for (var i = 0; i < writes; i++)
                {
                    // Other work waits, so that it is held back.
                    ThreadPool.UnsafeQueueUserWorkItem(static _ => { }, null);
                    await pair.Ours.SendAsync(BitConverter.GetBytes(i), cancel);
                    if (i % 7 == 0)
                    {
                        await Task.Yield();
                    }
                }

                await pair.Ours.CloseAsync();
            },
            cancel)).ToList();
        foreach (var (_, theirs) in sockets)
        {
            using var stream = new NetworkStream(theirs, ownsSocket: true);
            using var all = new MemoryStream();
            await stream.CopyToAsync(all, cancel);
            Assert.Equal(Enumerable.Range(0, writes).SelectMany(BitConverter.GetBytes), all.ToArray());
        }

        await Task.WhenAll(sending);
    }
}

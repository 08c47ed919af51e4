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
        var sockets = await ConnectedAsync(8, listener, loops.ForNewConnection, cancel);
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

    /// <summary>The loop closes them while a thread of the pool is at sending what they held back.</summary>
    [Fact]
    public async Task What_was_sent_last_arrives_though_the_socket_is_disposed_at_once()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var loops = new EventLoops(NullLogger<EventLoops>.Instance);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        for (var round = 0; round < 30; round++)
        {
            var sockets = await ConnectedAsync(64, listener, () => loops.All[0], cancel);
            var sending = Task.Run(
                async () =>
                {
                    foreach (var (ours, _) in sockets)
                    {
                        ThreadPool.UnsafeQueueUserWorkItem(static _ => { }, null);
                        await ours.SendAsync("last"u8.ToArray(), cancel);
                        ours.Dispose();
                    }
                },
                cancel);
            foreach (var (_, theirs) in sockets)
            {
                using var stream = new NetworkStream(theirs, ownsSocket: true);
                using var all = new MemoryStream();
                await stream.CopyToAsync(all, cancel);
                Assert.Equal("last"u8, all.ToArray());
            }

            await sending;
        }
    }

    [Fact]
    public void Where_the_pool_has_much_to_do_nothing_is_held_back_for_its_end()
    {
        // Not disposed: what waits may look at it later than this ends.
        var goOn = new ManualResetEventSlim();
        for (var i = 0; i < 1000; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static go => go.Wait(), goOn, preferLocal: false);
        }

        var waiting = ThreadPool.PendingWorkItemCount;
        var goesOn = PoolTurn.GoesOn;
        goOn.Set();
        Assert.True(waiting > 100, $"{waiting} wait");
        Assert.False(goesOn);
    }

    private static async Task<List<(LoopSocket Ours, Socket Theirs)>> ConnectedAsync(int count, TcpListener listener, Func<EventLoop> loop, CancellationToken cancel)
    {
        var sockets = new List<(LoopSocket Ours, Socket Theirs)>();
        for (var i = 0; i < count; i++)
        {
            var ours = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await ours.ConnectAsync(listener.LocalEndpoint, cancel);
            ours.Blocking = false;
            sockets.Add((new LoopSocket(ours.SafeHandle, ours, loop(), connected: true), await listener.AcceptSocketAsync(cancel)));
        }

        return sockets;
    }
}

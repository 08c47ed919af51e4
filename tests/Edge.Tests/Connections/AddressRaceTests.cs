using System.Net;
using System.Net.Sockets;
using Edge.Connections;
using Edge.Tests.Gateway;
using Xunit;

namespace Edge.Tests.Connections;

/// <summary>RFC 8305 section 5: of a host's addresses the first that can be reached is taken.</summary>
public sealed class AddressRaceTests
{
    private static readonly IPAddress First = IPAddress.Loopback;
    private static readonly IPAddress Second = IPAddress.Parse("127.0.0.2");
    private static readonly IPAddress Third = IPAddress.Parse("127.0.0.3");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_address_where_nobody_says_anything_keeps_nobody_from_the_next()
    {
        using var deaf = await DeafListener.StartAsync();
        using var listener = new TcpListener(Second, deaf.Port);
        listener.Start();
        using var socket = await AddressRace.ConnectAsync([First, Second], deaf.Port, ConnectAsync, Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(4), Cancel);
        Assert.Equal(new IPEndPoint(Second, deaf.Port), socket.RemoteEndPoint);
    }

    [Fact]
    public async Task An_address_that_refuses_is_followed_by_the_next_at_once()
    {
        using var listener = new TcpListener(Third, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var socket = await AddressRace.ConnectAsync([First, Second, Third], port, ConnectAsync, Cancel);
        Assert.Equal(new IPEndPoint(Third, port), socket.RemoteEndPoint);
    }

    [Fact]
    public async Task The_first_is_taken_where_it_can_be_reached_and_the_others_are_not_asked()
    {
        using var listener = new TcpListener(First, 0);
        listener.Start();
        var asked = new List<IPEndPoint>();
        using var socket = await AddressRace.ConnectAsync(
            [First, Second],
            ((IPEndPoint)listener.LocalEndpoint).Port,
            (to, cancel) =>
            {
                asked.Add(to);
                return ConnectAsync(to, cancel);
            },
            Cancel);
        Assert.Equal(First, Assert.Single(asked).Address);
    }

    [Theory]
    [InlineData(0, SocketError.HostNotFound)]
    [InlineData(1, SocketError.ConnectionRefused)]
    [InlineData(3, SocketError.ConnectionRefused)]
    public async Task Where_none_can_be_reached_it_says_why(int addresses, SocketError error)
    {
        var refused = await Assert.ThrowsAsync<SocketException>(async () => await AddressRace.ConnectAsync([.. new[] { First, Second, Third }.Take(addresses)], Backend.DeadPort(), ConnectAsync, Cancel));
        Assert.Equal(error, refused.SocketErrorCode);
    }

    [Fact]
    public async Task Who_comes_too_late_is_closed()
    {
        var late = new TaskCompletionSource<Socket>();
        using var socket = await AddressRace.ConnectAsync([First, Second], 80, (to, _) => to.Address.Equals(First) ? new ValueTask<Socket>(late.Task) : ValueTask.FromResult(Unconnected()), Cancel);
        var loser = Unconnected();
        late.SetResult(loser);
        Assert.True(loser.SafeHandle.IsClosed);
        Assert.False(socket.SafeHandle.IsClosed);
    }

    [Fact]
    public async Task It_ends_when_nobody_wants_it_any_more()
    {
        using var deaf = await DeafListener.StartAsync();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var race = AddressRace.ConnectAsync([First, First], deaf.Port, ConnectAsync, end.Token).AsTask();
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => race);
    }

    private static Socket Unconnected() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private static async ValueTask<Socket> ConnectAsync(IPEndPoint to, CancellationToken cancel)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(to, cancel);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

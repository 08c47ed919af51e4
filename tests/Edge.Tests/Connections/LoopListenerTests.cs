using System.Net;
using System.Net.Sockets;
using System.Text;
using Edge.Connections;
using Edge.Tests.Gateway;
using Edge.Tests.Whole;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Connections;

/// <summary>What the web server learns of connections that the event loops carry, and when (docs/decisions/0048-door.md).</summary>
public sealed class LoopListenerTests : IAsyncDisposable
{
    private readonly EventLoops _loops = new(NullLogger<EventLoops>.Instance);
    private readonly GatewayLog _log = new();
    private readonly TaskCompletionSource<LoopConnection> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goesOn = new();
    private LoopListener? _listener;
    private Socket? _client;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _goesOn.TrySetResult();
        _client?.Dispose();
        await (_listener?.DisposeAsync() ?? ValueTask.CompletedTask);
        _loops.Dispose();
    }

    [Fact]
    public async Task A_connection_is_served_on_the_loop_that_took_it_and_nobody_else_hears_of_it()
    {
        EventLoop? served = null;
        Begin(next => async connection =>
        {
            served = EventLoop.Current;
            _begun.SetResult((LoopConnection)connection);
            await SayAsync(connection, "hello");
        });
        var accepting = _listener!.AcceptAsync(Cancel).AsTask();

        Assert.Equal("hello", await ReadToEndAsync());
        Assert.Same((await _begun.Task).Loop, served);
        Assert.False(accepting.IsCompleted);

        // Nobody comes any more. One whose end the client has seen may not be over yet, and is waited for as well.
        await _listener.UnbindAsync(Cancel);
        var left = await accepting;
        Assert.True(left is null || left.ConnectionId == (await _begun.Task).ConnectionId);
    }

    [Fact]
    public async Task The_web_server_serves_what_is_left_to_it_on_the_same_loop()
    {
        Begin(next => connection => next(connection));
        var offered = await AcceptAsync();
        EventLoop? served = null;
        await OfferedConnection.Before(async connection =>
        {
            served = EventLoop.Current;
            _begun.SetResult((LoopConnection)connection);
            await SayAsync(connection, "from the web server");
        })(offered);

        Assert.Same((await _begun.Task).Loop, served);
        Assert.Equal("from the web server", await ReadToEndAsync());
    }

    [Fact]
    public async Task The_web_server_may_be_asked_more_than_once()
    {
        Begin(next => async connection =>
        {
            await next(connection);
            await SayAsync(connection, "between, ");
            await next(connection);
        });
        var times = 0;
        await OfferedConnection.Before(connection => SayAsync(connection, $"{++times}, "))(await AcceptAsync());

        Assert.Equal("1, between, 2, ", await ReadToEndAsync());
    }

    [Fact]
    public async Task What_the_web_server_notes_of_a_connection_is_there_when_it_serves_it_and_what_others_noted_stays()
    {
        var (ours, theirs, heartbeat) = (new Lifetime(), new Lifetime(), new Heartbeat());
        Begin(next => connection =>
        {
            connection.Features.Set<IConnectionLifetimeNotificationFeature>(ours);
            return next(connection);
        });
        var offered = await AcceptAsync();
        offered.Features.Set<IConnectionLifetimeNotificationFeature>(theirs);
        offered.Features.Set<IConnectionHeartbeatFeature>(heartbeat);
        (object?, object?) seen = default;
        await OfferedConnection.Before(connection =>
        {
            seen = (connection.Features.Get<IConnectionLifetimeNotificationFeature>(), connection.Features.Get<IConnectionHeartbeatFeature>());
            return Task.CompletedTask;
        })(offered);

        Assert.Equal((ours, heartbeat), seen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task When_nobody_comes_any_more_the_web_server_waits_for_those_who_are_there_and_serves_them_still(bool isLeft)
    {
        Begin(next => async connection =>
        {
            _begun.SetResult((LoopConnection)connection);
            await _goesOn.Task;
            await (isLeft ? next(connection) : SayAsync(connection, "the front's"));
        });
        var accepting = _listener!.AcceptAsync(Cancel).AsTask();
        await _begun.Task.WaitAsync(Cancel);
        Assert.False(accepting.IsCompleted);

        await _listener.UnbindAsync(Cancel);
        var offered = Assert.IsType<OfferedConnection>(await accepting);
        Assert.Null(await _listener.AcceptAsync(Cancel));
        var waiting = OfferedConnection.Before(connection => SayAsync(connection, "the web server's"))(offered);
        Assert.False(waiting.IsCompleted);

        _goesOn.SetResult();
        Assert.Equal(isLeft ? "the web server's" : "the front's", await ReadToEndAsync());
        await waiting.WaitAsync(Cancel);
    }

    [Fact]
    public async Task Who_is_cut_off_by_the_web_server_is_cut_off()
    {
        var closed = new TaskCompletionSource();
        Begin(next => async connection =>
        {
            connection.ConnectionClosed.Register(closed.SetResult);
            _begun.SetResult((LoopConnection)connection);
            await closed.Task;
        });
        await _begun.Task.WaitAsync(Cancel);
        await _listener!.UnbindAsync(Cancel);
        var offered = await AcceptAsync();
        var waiting = OfferedConnection.Before(_ => Task.CompletedTask)(offered);
        offered.Abort();

        await waiting.WaitAsync(Cancel);
        await Assert.ThrowsAsync<SocketException>(ReadToEndAsync);
    }

    [Fact]
    public async Task Who_is_left_to_a_web_server_that_takes_nobody_is_cut_off()
    {
        Begin(next => connection =>
        {
            _begun.SetResult((LoopConnection)connection);
            return next(connection);
        });
        await _begun.Task.WaitAsync(Cancel);
        await _listener!.DisposeAsync();

        await Assert.ThrowsAsync<SocketException>(ReadToEndAsync);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_fails_is_told_once_and_the_connection_ends(bool isLeft)
    {
        Begin(next => isLeft ? connection => next(connection) : _ => throw new InvalidOperationException("on purpose"));
        if (isLeft)
        {
            await OfferedConnection.Before(_ => throw new InvalidOperationException("on purpose"))(await AcceptAsync());
        }

        Assert.Equal("", await ReadToEndAsync());
        await Eventually.TrueAsync(() => Task.FromResult(_log.Lines.Count > 0), () => "nothing was logged");
        Assert.Contains("5902", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    private static Task SayAsync(ConnectionContext connection, string text) => connection.Transport.Output.WriteAsync(Encoding.ASCII.GetBytes(text)).AsTask();

    // Listens, with a client that has connected.
    private void Begin(Func<ConnectionDelegate, ConnectionDelegate> way)
    {
        var listening = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listening.Listen();
        listening.Blocking = false;
        using var logs = LoggerFactory.Create(logging => logging.AddProvider(_log));
        _listener = new LoopListener(listening, new ConnectionBuilder(new ServiceCollection().BuildServiceProvider()).Use(way), _loops, logs.CreateLogger("listener"));
        _client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _client.Connect(_listener.EndPoint);
    }

    private async Task<ConnectionContext> AcceptAsync() => (await _listener!.AcceptAsync(Cancel))!;

    private async Task<string> ReadToEndAsync()
    {
        await using var stream = new NetworkStream(_client!);
        using var reader = new StreamReader(stream);
        try
        {
            return await reader.ReadToEndAsync(Cancel);
        }
        catch (IOException broken) when (broken.InnerException is SocketException reset)
        {
            throw reset;
        }
    }

    private sealed class Lifetime : IConnectionLifetimeNotificationFeature
    {
        public CancellationToken ConnectionClosedRequested { get; set; }

        public void RequestClose()
        {
        }
    }

    private sealed class Heartbeat : IConnectionHeartbeatFeature
    {
        public void OnHeartbeat(Action<object> action, object state)
        {
        }
    }
}

using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Connections;

/// <summary>
/// What the web server knows of a connection that is served on its loop: that it is there, for which it waits when it stops. It
/// serves it when it is asked to.
/// </summary>
internal sealed class OfferedConnection(LoopConnection connection) : ConnectionContext
{
    // When the web server is asked to serve it. Who asks goes on when it has.
    private readonly Channel<TaskCompletionSource> _asked = Channel.CreateUnbounded<TaskCompletionSource>(new() { SingleReader = true, AllowSynchronousContinuations = true });

    public override string ConnectionId { get; set; } = connection.ConnectionId;

    /// <summary>What the web server notes of it; it is the connection's own from when the web server serves it.</summary>
    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport
    {
        get => connection.Transport;
        set => connection.Transport = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => connection.LocalEndPoint;
        set => connection.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => connection.RemoteEndPoint;
        set => connection.RemoteEndPoint = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => connection.ConnectionClosed;
        set => throw new NotSupportedException();
    }

    /// <summary>To be put first, and alone, into the web server's way.</summary>
    public static ConnectionDelegate Before(ConnectionDelegate next) => offered => ((OfferedConnection)offered).WaitAsync(next);

    public override void Abort(ConnectionAbortedException abortReason) => connection.Abort(abortReason);

    /// <summary>Has the web server serve it, as it is now, and waits until it has. A connection may be served so more than once.</summary>
    /// <exception cref="ConnectionAbortedException">Nobody takes it.</exception>
    public Task ServeAsync()
    {
        var served = new TaskCompletionSource();
        if (!_asked.Writer.TryWrite(served))
        {
            throw NotTaken();
        }

        return served.Task;
    }

    /// <summary>The connection is over.</summary>
    public void End() => _asked.Writer.TryComplete();

    /// <summary>Nobody takes it any more.</summary>
    public void Refuse()
    {
        connection.Abort();
        End();
        while (_asked.Reader.TryRead(out var served))
        {
            served.TrySetException(NotTaken());
        }
    }

    private static ConnectionAbortedException NotTaken() => new("The web server does not take the connection.");

    // For the web server the connection lasts until its last byte has left, which those before it see to.
    private async Task WaitAsync(ConnectionDelegate next)
    {
        await foreach (var served in _asked.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            _ = ServeAsync(next, served);
        }
    }

    private async Task ServeAsync(ConnectionDelegate next, TaskCompletionSource served)
    {
        try
        {
            await new LoopHop(connection.Loop);
            TakeOver();
            await next(connection).ConfigureAwait(false);
        }
        catch (Exception wrong)
        {
            served.TrySetException(wrong);
            return;
        }

        served.TrySetResult();
    }

    // What others have set before stays: they know more.
    private void TakeOver()
    {
        foreach (var (kind, feature) in Features)
        {
            connection.Features[kind] ??= feature;
        }

        if (connection.Features.Get<IConnectionHeartbeatFeature>() is LentHeartbeat lent)
        {
            lent.Follow(Features.Get<IConnectionHeartbeatFeature>());
        }
    }
}

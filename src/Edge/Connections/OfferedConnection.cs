using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Connections;

/// <summary>
/// What the web server knows of a connection that is served on its loop: that it is there, for which it waits when it stops. It
/// serves it when it is asked to.
/// </summary>
internal sealed class OfferedConnection(LoopConnection connection) : ConnectionContext
{
    private readonly TaskCompletionSource<bool> _wanted = new();
    private readonly TaskCompletionSource _served = new();
    private readonly TaskCompletionSource _over = new();

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

    /// <summary>Has the web server serve it, and waits until it has.</summary>
    public Task ServeAsync()
    {
        if (!_wanted.TrySetResult(true))
        {
            throw new ConnectionAbortedException("The web server does not take the connection.");
        }

        return _served.Task;
    }

    /// <summary>The connection is over.</summary>
    public void End()
    {
        _wanted.TrySetResult(false);
        _over.TrySetResult();
    }

    /// <summary>Nobody takes it any more.</summary>
    public void Refuse()
    {
        connection.Abort();
        _wanted.TrySetResult(false);
        _served.TrySetException(new ConnectionAbortedException("The web server does not take the connection."));
    }

    // For the web server the connection lasts until its last byte has left, which those before it see to.
    private async Task WaitAsync(ConnectionDelegate next)
    {
        if (await _wanted.Task.ConfigureAwait(false))
        {
            await connection.Loop.EnterAsync().ConfigureAwait(false);
            await ServeAsync(next).ConfigureAwait(false);
        }

        await _over.Task.ConfigureAwait(false);
    }

    private async Task ServeAsync(ConnectionDelegate next)
    {
        try
        {
            TakeOver();
            await next(connection).ConfigureAwait(false);
        }
        catch (Exception wrong)
        {
            _served.TrySetException(wrong);
            return;
        }

        _served.TrySetResult();
    }

    // What others have set before stays: they know more.
    private void TakeOver()
    {
        foreach (var (kind, feature) in Features)
        {
            connection.Features[kind] ??= feature;
        }
    }
}

using System.Buffers;
using Edge.Connections;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Edge.Gateway.Front.Http2;

/// <summary>
/// Gives the web server those streams of a connection that the front does not serve, as a connection of HTTP/2 that has only
/// these. On the loop's thread, but for the web server itself. When it ends, the connection takes no requests any more.
/// </summary>
internal sealed class Relay(ConnectionContext connection, ConnectionDelegate next, ClientSide client, IRelayOwner owner, Untaken untaken)
{
    // Frames of streams that are closed may still be under way (RFC 9113 section 5.1); the web server knows what to do with them.
    private const int MostClosed = 256;

    // So many settings of the client may wait for their answers: behind bodies for which it gives no room they would wait without end.
    private const int MostUnanswered = 1000;

    private readonly RelayTransport _transport = new(client.Loop);
    private readonly Dictionary<int, RelayedStream> _byClient = [];
    private readonly Dictionary<int, RelayedStream> _byServer = [];
    private readonly Queue<int> _closed = new();
    private ServerSide? _server;
    private RelayAnswers? _answers;
    private Task _serving = Task.CompletedTask;
    private int _last = -1;

    /// <summary>Streams that are open.</summary>
    public int Count => _byServer.Count;

    /// <summary>It takes no more streams.</summary>
    public bool IsLeaving => IsOver || _answers is { IsLeaving: true };

    /// <summary>The web server has ended.</summary>
    public bool IsOver { get; private set; }

    /// <summary>What of the client's bodies the web server has not said that it has taken.</summary>
    public int Untaken { get; private set; }

    /// <summary>Settings of the client that the web server has not answered.</summary>
    public int Unanswered { get; set; }

    public ClientSide Client => client;

    private ServerSide Server => _server!;

    /// <summary>Has the web server begin.</summary>
    public void Begin()
    {
        _server = new ServerSide(_transport.ToServer, client.Loop);
        _server.Begin(client.InitialWindow);
        _answers = new RelayAnswers(this, _transport.FromServer, _server, untaken);
        _serving = ServeAsync();
    }

    /// <summary>The number that the next stream will have towards the web server.</summary>
    public int NextId => _last + 2;

    /// <summary>A request begins.</summary>
    public void Open(int id, FieldList fields, bool endsStream)
    {
        var stream = new RelayedStream(id, _last += 2) { ClientEnded = endsStream };
        _byClient[id] = stream;
        _byServer[stream.ServerId] = stream;
        Server.Headers(stream.ServerId, endsStream, fields);
    }

    /// <summary>Whether a stream was opened here, and may be open still.</summary>
    public bool Knows(int id) => _byClient.ContainsKey(id);

    /// <summary>The fields behind a request's body.</summary>
    public void Trailers(int id, FieldList fields, bool endsStream)
    {
        var stream = _byClient[id];
        if (!stream.IsReset)
        {
            Server.Headers(stream.ServerId, endsStream, fields);
        }

        EndClient(stream, endsStream);
    }

    public void Data(FrameHead head, ReadOnlySequence<byte> payload)
    {
        var stream = _byClient[head.Stream];
        if (IsOver || stream.IsReset)
        {
            client.Output.AnswerWindow(head.Length);
        }
        else
        {
            Server.Data(head.Flags, stream.ServerId, payload);
            Untaken += head.Length;
        }

        EndClient(stream, head.Has(FrameFlags.EndStream));
    }

    /// <summary>The client wants one no more.</summary>
    public void Reset(int id, uint code)
    {
        if (_byClient.TryGetValue(id, out var stream) && !stream.IsClosed)
        {
            Server.Number(FrameType.ResetStream, stream.ServerId, code);
            Close(stream);
        }
    }

    public void WindowUpdate(int id, int by)
    {
        if (_byClient.TryGetValue(id, out var stream) && !stream.IsClosed)
        {
            Server.Number(FrameType.WindowUpdate, stream.ServerId, (uint)by);
        }
    }

    /// <summary>The client takes more, or less, of each stream.</summary>
    /// <exception cref="ConnectionFault">It says so all the time, and nothing else (RFC 9113 section 10.5).</exception>
    public void InitialWindow()
    {
        if (++Unanswered > MostUnanswered)
        {
            throw new ConnectionFault(ErrorCode.EnhanceYourCalm, "More settings than can be answered.");
        }

        Server.InitialWindow(client.InitialWindow);
    }

    /// <summary>The client takes more.</summary>
    public void Send() => _answers!.SendHeld();

    /// <summary>Gives the web server what was written. Ends when it takes more.</summary>
    public Task FlushAsync() => Server.FlushAsync();

    /// <summary>The client is gone, or nothing is left to be answered. Ends when the web server has.</summary>
    public async Task EndAsync()
    {
        _answers!.Cut();
        await Server.CompleteAsync();
        await _serving;
        await new LoopHop(client.Loop);
    }

    /// <summary>The web server's number of a stream is its.</summary>
    public RelayedStream? Find(int serverId) => _byServer.GetValueOrDefault(serverId);

    /// <summary>The web server takes more of the client's bodies.</summary>
    public void Taken(int count) => Untaken -= count;

    /// <summary>The web server has said all over a stream.</summary>
    public void EndServer(RelayedStream stream)
    {
        stream.ServerEnded = true;
        if (stream is { ClientEnded: true, IsClosed: false })
        {
            Close(stream);
        }
    }

    /// <summary>Nothing of a stream goes on.</summary>
    public void Close(RelayedStream stream)
    {
        stream.IsClosed = true;
        _byServer.Remove(stream.ServerId);
        _closed.Enqueue(stream.Id);
        if (_closed.Count > MostClosed)
        {
            _byClient.Remove(_closed.Dequeue());
        }

        owner.Ended(stream);
    }

    private void EndClient(RelayedStream stream, bool isEnd)
    {
        stream.ClientEnded |= isEnd;
        if (isEnd && stream is { ServerEnded: true, IsClosed: false })
        {
            Close(stream);
        }
    }

    public void Fail(ErrorCode code) => owner.Fail(code);

    /// <summary>The web server takes no more streams: the client is to ask over another connection.</summary>
    public void Leave() => owner.End();

    private async Task ServeAsync()
    {
        var (before, heartbeat) = (connection.Transport, new LentHeartbeat());
        connection.Transport = _transport;

        // The web server counts its streams from 1, and the names of the front's are not to come again.
        connection.ConnectionId = ConnectionNumber.Next();
        connection.Features.Set<IConnectionLifetimeNotificationFeature>(new RelayEnd(owner.End));
        heartbeat.Follow(connection.Features.Get<IConnectionHeartbeatFeature>());
        connection.Features.Set<IConnectionHeartbeatFeature>(heartbeat);
        var answering = _answers!.ReadAsync();
        Exception? wrong = null;
        try
        {
            await next(connection);
        }
        catch (Exception thrown)
        {
            wrong = thrown;
        }

        heartbeat.End();
        await _transport.Output.CompleteAsync();
        await _transport.Input.CompleteAsync();
        try
        {
            await answering;
        }
        catch (Exception thrown)
        {
            wrong ??= thrown;
        }

        await new LoopHop(client.Loop);
        connection.Transport = before;
        End(wrong);
    }

    private void End(Exception? wrong)
    {
        IsOver = true;
        untaken.Leave();
        if (wrong is ConnectionAbortedException)
        {
            // It takes no connections any more: nothing is wrong with that.
            owner.Fail(ErrorCode.Internal);
        }
        else if (wrong is not null)
        {
            owner.Fail(wrong);
        }

        foreach (var stream in _byServer.Values.ToArray())
        {
            // It has not begun with those that came behind its end (RFC 9113 section 6.8).
            client.Output.Reset(stream.Id, stream.ServerId > _answers!.Last ? ErrorCode.RefusedStream : ErrorCode.Internal);
            Close(stream);
        }

        owner.Over(this);
    }
}

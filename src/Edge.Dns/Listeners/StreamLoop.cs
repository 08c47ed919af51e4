using Edge.Dns.Nameserver;

namespace Edge.Dns.Listeners;

/// <summary>
/// One thread that serves the TCP connections it accepted: reads what is there, answers all complete queries of it in
/// one write, and waits for the next. Nothing in it waits for a single client: answers that a client does not take are
/// kept and its queries not read, a query that takes longer leaves with its connection.
/// </summary>
internal sealed class StreamLoop : IDisposable
{
    private const int AcceptBatch = 16;
    private const int ReadRoom = 128 * 1024;

    // What all clients together may leave unread or half sent; who wants more is closed.
    private const long MaxHeld = 64L << 20;

    private readonly IStreamHost _host;
    private readonly QueryProcessor _processor;
    private readonly TlsHandshake? _tls;
    private readonly ListenerOptions _options;
    private readonly TimeProvider _time;
    private readonly int _listener;
    private readonly int _most;
    private readonly StreamPoll _poll;
    private readonly RestingList _resting = new();
    private readonly Dictionary<ulong, LoopConnection> _connections = [];
    private readonly byte[] _read = GC.AllocateUninitializedArray<byte>(ReadRoom, pinned: true);
    private long _held;
    private ulong _nextToken;
    private volatile bool _stopping;
    private volatile bool _sweepDue;

    /// <param name="host">What it shares with the listener's other threads.</param>
    /// <param name="listener">The listening socket's descriptor, not blocking.</param>
    /// <param name="processor">Who answers.</param>
    /// <param name="tls">The handshake; null for plain TCP.</param>
    /// <param name="options">What is allowed.</param>
    /// <param name="most">Connections this thread serves at once; one more ends the one that rests longest.</param>
    /// <param name="time">The clock for idle connections.</param>
    public StreamLoop(IStreamHost host, int listener, QueryProcessor processor, TlsHandshake? tls, ListenerOptions options, int most, TimeProvider time)
    {
        (_host, _listener, _processor, _tls, _options, _most, _time) = (host, listener, processor, tls, options, most, time);
        Recorder = processor.NewRecorder();
        _poll = new StreamPoll(listener);
    }

    /// <summary>Notes the queries that this thread answers.</summary>
    public QueryRecorder Recorder { get; }

    /// <summary>Room in which answers are collected; used by one connection at a time.</summary>
    public byte[] Answers { get; } = GC.AllocateUninitializedArray<byte>(QueryFrames.AnswerRoom, pinned: true);

    /// <summary>Connections now. Read from any thread.</summary>
    public int Count => _resting.Count;

    /// <summary>Serves until <see cref="Stop"/>.</summary>
    public void Run()
    {
        _poll.Listen(true);
        Span<ulong> tokens = stackalloc ulong[StreamPoll.Room];
        while (!_stopping)
        {
            var count = _poll.Wait(tokens);
            for (var i = 0; i < count && !_stopping; i++)
            {
                Handle(tokens[i]);
            }

            if (_sweepDue)
            {
                _sweepDue = false;
                Sweep();
            }
        }

        while (_resting.First is { } connection)
        {
            Close(connection);
        }
    }

    /// <summary>Has idle connections closed soon. Called from any thread.</summary>
    public void WakeToSweep()
    {
        _sweepDue = true;
        _poll.Wake();
    }

    /// <summary>Ends <see cref="Run"/>. Called from any thread.</summary>
    public void Stop()
    {
        _stopping = true;
        _poll.Wake();
    }

    /// <summary>Only after <see cref="Run"/> has returned.</summary>
    public void Dispose() => _poll.Dispose();

    /// <summary>A complete query came, or an answer was taken.</summary>
    public void Touch(LoopConnection connection)
    {
        if (!connection.IsGone)
        {
            connection.LastActivity = _time.GetTimestamp();
            _resting.Touch(connection);
        }
    }

    private void Handle(ulong token)
    {
        switch (token)
        {
            case StreamPoll.Listener:
                Accept();
                break;
            case StreamPoll.Wish:
                _poll.Woken();
                break;
            default:
                // One that was closed in the same batch is not found any more.
                if (_connections.TryGetValue(token, out var connection))
                {
                    Serve(connection);
                }

                break;
        }
    }

    private void Serve(LoopConnection connection)
    {
        try
        {
            if (connection.Unsent.IsEmpty)
            {
                Receive(connection);
            }
            else
            {
                SendUnsent(connection);
            }
        }
        catch (Exception e)
        {
            _host.Report(e);
            Close(connection);
        }
    }

    /// <summary>Tells about a failure that is nobody's fault outside.</summary>
    public void Report(Exception error) => _host.Report(error);

    private void Accept()
    {
        for (var i = 0; i < AcceptBatch; i++)
        {
            var handle = StreamSockets.Accept(_listener, out var client);
            if (handle < 0)
            {
                if (StreamSockets.LacksDescriptors())
                {
                    MakeRoom();
                }

                return;
            }

            Admit(handle, client);
        }
    }

    // No descriptor is free: the one that rests longest gives its own, or new clients wait for a second.
    private void MakeRoom()
    {
        if (_resting.First is { } longest)
        {
            Close(longest);
            return;
        }

        _poll.Listen(false);
    }

    private void Admit(int handle, ClientAddress client)
    {
        if (!_host.TryAdmit(client))
        {
            LinuxPolling.Close(handle);
            return;
        }

        if (_resting.Count >= _most)
        {
            Close(_resting.First!);
        }

        var context = new QueryContext(client, _tls is null ? Transport.Tcp : Transport.Tls, StreamSockets.LocalOf(handle));
        var connection = new LoopConnection(handle, context) { Token = _nextToken++, LastActivity = _time.GetTimestamp() };
        _connections.Add(connection.Token, connection);
        _resting.Add(connection);
        _poll.Add(handle, connection.Token);
        if (_tls is not null)
        {
            connection.Tls = new TlsSession(_tls, connection, this, _processor);
            connection.Tls.Start();
        }
    }

    private void Receive(LoopConnection connection)
    {
        var held = connection.Received.Length > 0;
        var before = connection.HeldBytes;
        var room = held ? connection.ReceiveRoom() : _read;
        Account(connection, before);
        if (connection.IsGone)
        {
            return;
        }

        var count = StreamSockets.Receive(connection.Handle, room);
        if (count <= 0)
        {
            if (count == 0 || !StreamSockets.MayComeBack())
            {
                // All its complete queries are answered: nothing is owed any more (RFC 7766 §6.2.4).
                Close(connection);
            }

            return;
        }

        if (connection.Tls is { } tls)
        {
            tls.Feed(_read.AsSpan(0, count));
            Settle(connection);
            return;
        }

        if (held)
        {
            connection.AddReceived(count);
        }

        Answer(connection, held ? connection.Received : _read.AsSpan(0, count));
    }

    private void Answer(LoopConnection connection, ReadOnlySpan<byte> received)
    {
        FramesEnd end;
        do
        {
            Recorder.Begin();
            end = QueryFrames.Answer(_processor, connection.Context, Recorder, received, Answers, out var consumed, out var written);
            Recorder.End();
            received = received[consumed..];
            if (consumed > 0)
            {
                Touch(connection);
            }

            if (written > 0 && !Send(connection, Answers.AsSpan(0, written)))
            {
                break;
            }

            if (end == FramesEnd.Deferred)
            {
                HandOver(connection, received.ToArray());
                return;
            }
        }
        while (end == FramesEnd.Full);

        if (!connection.IsGone)
        {
            Keep(connection, received);
        }
    }

    private void Keep(LoopConnection connection, ReadOnlySpan<byte> rest)
    {
        var before = connection.HeldBytes;
        connection.KeepReceived(rest);
        Account(connection, before);
    }

    /// <summary>Sends; false when the client did not take it all, or is gone.</summary>
    private bool Send(LoopConnection connection, ReadOnlySpan<byte> bytes)
    {
        var sent = SendSome(connection, bytes);
        if (sent == bytes.Length)
        {
            return true;
        }

        if (sent >= 0)
        {
            // The rest waits, and so do the client's next queries.
            var before = connection.HeldBytes;
            connection.KeepUnsent(bytes[sent..]);
            _poll.AwaitRoom(connection.Handle, connection.Token);
            Account(connection, before);
        }

        return false;
    }

    private void SendUnsent(LoopConnection connection)
    {
        var before = connection.HeldBytes;
        var sent = SendSome(connection, connection.Unsent);
        if (sent < 0)
        {
            return;
        }

        connection.Sent(sent);
        Account(connection, before);
        if (!connection.Unsent.IsEmpty || connection.IsGone)
        {
            return;
        }

        Touch(connection);
        _poll.AwaitBytes(connection.Handle, connection.Token);
        if (connection.Tls is not null)
        {
            Settle(connection);
        }
        else if (!connection.Received.IsEmpty)
        {
            Answer(connection, connection.Received);
        }
    }

    // Bytes sent; -1 when the client is gone, and the connection closed.
    private int SendSome(LoopConnection connection, ReadOnlySpan<byte> bytes)
    {
        var sent = StreamSockets.Send(connection.Handle, bytes);
        if (sent >= 0)
        {
            return sent;
        }

        if (StreamSockets.MayComeBack())
        {
            return 0;
        }

        Close(connection);
        return -1;
    }

    // What the encryption has written is sent; what it wants next is done.
    private void Settle(LoopConnection connection)
    {
        var tls = connection.Tls!;
        while (!connection.IsGone)
        {
            var output = tls.Output;
            if (output.Length > 0)
            {
                var whole = Send(connection, output);
                tls.ClearOutput();
                if (!whole)
                {
                    return;
                }
            }

            if (tls.Deferred is { } rest)
            {
                HandOver(connection, rest);
                return;
            }

            if (tls.HasEnded)
            {
                Close(connection);
                return;
            }

            if (!tls.GoOn())
            {
                return;
            }
        }
    }

    private void HandOver(LoopConnection connection, byte[] received)
    {
        _poll.Remove(connection.Handle);
        Forget(connection);
        _host.TakeOver(connection.Handle, connection.Context, connection.Tls, received);
    }

    private void Close(LoopConnection connection)
    {
        if (connection.IsGone)
        {
            return;
        }

        Forget(connection);
        connection.Tls?.End();
        LinuxPolling.Close(connection.Handle);
        _host.Release(connection.Context.Client);
        if (!_poll.IsListening && !_stopping)
        {
            _poll.Listen(true);
        }
    }

    private void Forget(LoopConnection connection)
    {
        connection.IsGone = true;
        _connections.Remove(connection.Token);
        _resting.Remove(connection);
        _held -= connection.HeldBytes;
        connection.Release();
    }

    private void Account(LoopConnection connection, int before)
    {
        _held += connection.HeldBytes - before;
        if (_held > MaxHeld && connection.HeldBytes > before)
        {
            Close(connection);
        }
    }

    private void Sweep()
    {
        while (_resting.First is { } connection && _time.GetElapsedTime(connection.LastActivity) >= _options.IdleTimeout)
        {
            Close(connection);
        }

        _poll.Listen(true);
    }
}

using System.Runtime.InteropServices;
using Edge.Dns.Nameserver;

namespace Edge.Dns.Listeners;

/// <summary>
/// One thread that serves the TCP connections it accepted: reads what is there, answers all complete queries of it in
/// one write, and waits for the next. Nothing in it waits for a single client: answers that a client does not take are
/// kept and its queries not read, a query that takes longer leaves with its connection.
/// </summary>
internal sealed unsafe class StreamLoop : IDisposable
{
    private const ulong ListenerToken = ulong.MaxValue;
    private const ulong WakeToken = ulong.MaxValue - 1;
    private const int EventBatch = 64;
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
    private readonly int _poll;
    private readonly int _waker;
    private readonly RestingList _resting = new();
    private readonly Dictionary<ulong, LoopConnection> _connections = [];
    private readonly byte[] _read = GC.AllocateUninitializedArray<byte>(ReadRoom, pinned: true);
    private long _held;
    private ulong _nextToken;
    private bool _listening;
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
        _poll = LinuxPolling.Create();
        _waker = LinuxPolling.CreateWaker();
        LinuxPolling.Control(_poll, LinuxPolling.Add, _waker, LinuxPolling.In, WakeToken);
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
        Listen(true);
        var events = stackalloc byte[EventBatch * 16];
        while (!_stopping)
        {
            var count = LinuxPolling.Wait(_poll, events, EventBatch, -1);
            for (var i = 0; i < count && !_stopping; i++)
            {
                var entry = events + (i * LinuxPolling.EventSize);
                Handle(LinuxPolling.DataOf(entry));
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
        Wake();
    }

    /// <summary>Ends <see cref="Run"/>. Called from any thread.</summary>
    public void Stop()
    {
        _stopping = true;
        Wake();
    }

    /// <summary>Only after <see cref="Run"/> has returned.</summary>
    public void Dispose()
    {
        LinuxPolling.Close(_poll);
        LinuxPolling.Close(_waker);
    }

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
            case ListenerToken:
                Accept();
                break;
            case WakeToken:
                ulong count;
                LinuxPolling.Read(_waker, &count, sizeof(ulong));
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
        Span<byte> peer = stackalloc byte[32];
        for (var i = 0; i < AcceptBatch; i++)
        {
            int handle;
            var length = (uint)peer.Length;
            fixed (byte* address = peer)
            {
                handle = LinuxPolling.Accept(_listener, address, &length);
            }

            if (handle < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                if (error is LinuxPolling.TooManyFiles or LinuxPolling.TooManyFilesInSystem)
                {
                    MakeRoom();
                }

                return;
            }

            Admit(handle, Address(peer));
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

        Listen(false);
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

        Span<byte> local = stackalloc byte[32];
        var length = (uint)local.Length;
        fixed (byte* address = local)
        {
            LinuxPolling.LocalAddress(handle, address, &length);
        }

        var context = new QueryContext(client, _tls is null ? Transport.Tcp : Transport.Tls, Address(local));
        var connection = new LoopConnection(handle, context) { Token = _nextToken++, LastActivity = _time.GetTimestamp() };
        _connections.Add(connection.Token, connection);
        _resting.Add(connection);
        LinuxPolling.Control(_poll, LinuxPolling.Add, handle, LinuxPolling.In, connection.Token);
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

        nint count;
        fixed (byte* buffer = room)
        {
            count = LinuxPolling.Receive(connection.Handle, buffer, (nuint)room.Length, 0);
        }

        if (count <= 0)
        {
            if (count == 0 || Marshal.GetLastPInvokeError() is not (LinuxPolling.TryAgain or LinuxPolling.Interrupted))
            {
                // All its complete queries are answered: nothing is owed any more (RFC 7766 §6.2.4).
                Close(connection);
            }

            return;
        }

        if (connection.Tls is { } tls)
        {
            tls.Feed(_read.AsSpan(0, (int)count));
            Settle(connection);
            return;
        }

        if (held)
        {
            connection.AddReceived((int)count);
        }

        Answer(connection, held ? connection.Received : _read.AsSpan(0, (int)count));
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
            LinuxPolling.Control(_poll, LinuxPolling.Modify, connection.Handle, LinuxPolling.Out, connection.Token);
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
        LinuxPolling.Control(_poll, LinuxPolling.Modify, connection.Handle, LinuxPolling.In, connection.Token);
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
        nint sent;
        fixed (byte* buffer = bytes)
        {
            sent = LinuxPolling.Send(connection.Handle, buffer, (nuint)bytes.Length, LinuxPolling.NoSignal);
        }

        if (sent >= 0)
        {
            return (int)sent;
        }

        if (Marshal.GetLastPInvokeError() is LinuxPolling.TryAgain or LinuxPolling.Interrupted)
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
        LinuxPolling.Control(_poll, LinuxPolling.Delete, connection.Handle, 0, 0);
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
        if (!_listening && !_stopping)
        {
            Listen(true);
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

        Listen(true);
    }

    private void Listen(bool on)
    {
        if (on != _listening)
        {
            LinuxPolling.Control(_poll, on ? LinuxPolling.Add : LinuxPolling.Delete, _listener, LinuxPolling.In | LinuxPolling.Exclusive, ListenerToken);
            _listening = on;
        }
    }

    private void Wake()
    {
        ulong one = 1;
        LinuxPolling.Write(_waker, &one, sizeof(ulong));
    }

    private static ClientAddress Address(ReadOnlySpan<byte> socketAddress) => MemoryMarshal.Read<ushort>(socketAddress) == 2
        ? ClientAddress.FromBytes(socketAddress.Slice(4, 4))
        : ClientAddress.FromBytes(socketAddress.Slice(8, 16));
}

using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Edge.Connections;
using Edge.Gateway.Straight;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Gateway.Front.Http2;

/// <summary>
/// A connection of HTTP/2 that the front serves: simple requests by itself, all others through the web server, whose frames it
/// carries. All of it is done on the connection's loop. See docs/decisions/0047-front-http2.md.
/// </summary>
internal sealed class Http2Connection : IFrontConnection, IStreamOwner, IRelayOwner, IFrameOwner
{
    private readonly FrontDoor _door;
    private readonly LoopConnection _connection;
    private readonly ListenerFeature _listener;
    private readonly ConnectionDelegate _next;
    private readonly EventLoop _loop;
    private readonly PipeReader _input;
    private readonly Untaken _untaken;
    private readonly FrameOutput _output;
    private readonly FrontStreams _streams;
    private readonly ClientFrames _frames;
    private readonly ClientSide _client;
    private readonly Silence _silence;
    private ErrorCode? _failed;
    private Exception? _wrong;
    private bool _hasBegun;
    private bool _ends;
    private bool _isOver;

    // What the client says lies unread until it takes what it was sent.
    private bool _waits;

    public Http2Connection(FrontDoor door, LoopConnection connection, ListenerFeature listener, IPAddress address, EventLoop loop, ConnectionDelegate next)
    {
        (_door, _connection, _listener, _loop, _next) = (door, connection, listener, loop, next);
        _input = connection.Transport.Input;
        _untaken = new Untaken(connection, door.Untaken);
        _output = new FrameOutput(connection.Transport.Output, loop) { Emptied = Send, Untaken = _untaken };
        _client = new ClientSide(_output, loop);
        _streams = new FrontStreams(door, _client, new FrontReader(door, connection.ConnectionId, listener, address), this);
        _frames = new ClientFrames(_client, _streams, this);
        _silence = new Silence(door.Watch.Now);
    }

    // Those that the client has taken back are no more for it, though they may not have come to their end.
    public bool MayOpen => Count - _streams.Leaving < ServerSettings.MostStreams && Count < 2 * ServerSettings.MostStreams;

    public Relay? Running { get; private set; }

    public Relay Relay
    {
        get
        {
            if (Running is null)
            {
                Running = new Relay(_connection, _next, _client, this, new Untaken(_connection, _door.Untaken));
                Running.Begin();
            }

            return Running;
        }
    }

    // Streams that are open.
    private int Count => _streams.Count + (Running?.Count ?? 0);

    /// <summary>Serves it.</summary>
    /// <returns>True when the web server serves it, of which nothing was taken; false when it is over.</returns>
    public async Task<bool> ServeAsync()
    {
        var ending = _connection.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>().ConnectionClosedRequested;
        var registration = ending.UnsafeRegister(static front => ((Http2Connection)front!).End(), this);
        try
        {
            if (!await BeginsAsync())
            {
                return true;
            }

            await ReadAsync();
        }
        catch (ConnectionFault fault)
        {
            _failed = fault.Code;
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The client, or its connection, is no more.
        }
        finally
        {
            await registration.DisposeAsync();
            try
            {
                await CloseAsync();
            }
            finally
            {
                _untaken.Leave();
            }
        }

        return _wrong is null ? false : throw new InvalidOperationException("A connection of HTTP/2 failed.", _wrong);
    }

    /// <summary>Ends it as soon as nothing is under way. From any thread.</summary>
    public void End() => _loop.Post(static front => ((Http2Connection)front!).Leave(), this);

    /// <summary>Looks whether it is silent for too long. From any thread.</summary>
    public void Look(TimeProvider time, long now)
    {
        if (_silence.MayBeLong(time, now))
        {
            _loop.Post(_ => Judge(time, now), null);
        }
    }

    void IStreamOwner.Relay(FrontStream stream, ForwardFailure? failure)
    {
        var relay = Relay;
        if (relay.IsLeaving)
        {
            _output.Reset(stream.Id, ErrorCode.RefusedStream);
            return;
        }

        if (failure is not null)
        {
            _door.Vain.Leave(_listener, relay.NextId, failure, stream.Request.Record);
        }

        relay.Open(stream.Id, stream.Fields, endsStream: true);
        if (stream.Window > _client.InitialWindow)
        {
            relay.WindowUpdate(stream.Id, (int)(stream.Window - _client.InitialWindow));
        }

        _ = relay.FlushAsync();
    }

    public void Ended()
    {
        if (Count == 0)
        {
            _silence.Rests(_door.Watch.Now);
            EndReading(_ends);
        }
    }

    public void Ended(RelayedStream stream)
    {
        _door.Vain.Forget(_listener, stream.ServerId);
        Ended();
    }

    public void Over(Relay relay)
    {
        Leave();
        if (_isOver)
        {
            return;
        }

        for (var i = 0; i < relay.Unanswered; i++)
        {
            _output.Frame(FrameType.Settings, FrameFlags.Ack, 0, default);
        }

        if (relay.Untaken > 0)
        {
            _output.WindowUpdate(0, relay.Untaken);
        }
    }

    public void Fail(ErrorCode code)
    {
        _failed ??= code;
        EndReading(true);
    }

    public void Fail(Exception wrong)
    {
        _wrong ??= wrong;
        Fail(ErrorCode.Internal);
    }

    private void EndReading(bool ends)
    {
        if (ends && !_isOver)
        {
            _input.CancelPendingRead();
        }
    }

    // Whether the front serves it. What has come stays where it is but for what all begin with: the web server may have to read it.
    private async ValueTask<bool> BeginsAsync()
    {
        while (true)
        {
            var read = await _input.ReadAsync();
            await new LoopHop(_loop);
            var bytes = read.Buffer;
            var isShort = bytes.Length < Preface.Bytes.Length;
            if (isShort && !read.IsCompleted && !read.IsCanceled)
            {
                _input.AdvanceTo(bytes.Start, bytes.End);
                continue;
            }

            _hasBegun = read.IsCanceled || (!isShort && FirstRequest.IsForFront(bytes, _streams));
            if (!_hasBegun)
            {
                _isOver = true;
                _input.AdvanceTo(bytes.Start);
                return false;
            }

            // Who is told to end before that has asked for nothing that was taken.
            _input.AdvanceTo(bytes.GetPosition(read.IsCanceled ? 0 : Preface.Bytes.Length));
            ServerSettings.Say(_output);
            return true;
        }
    }

    private async ValueTask ReadAsync()
    {
        while (_failed is null && !(_ends && Count == 0))
        {
            var read = await _input.ReadAsync();
            await new LoopHop(_loop);
            _silence.Ends(_door.Watch.Now, _frames.IsInBlock);
            var bytes = read.Buffer;
            while (FrameReader.TryTake(ref bytes, out var head, out var payload))
            {
                if (head.Type == FrameType.Headers)
                {
                    _waits = true;
                    await _output.RoomAsync();
                    await new LoopHop(_loop);
                    _waits = false;
                }

                _frames.Take(head, payload);
            }

            _silence.Ends(_door.Watch.Now, _frames.IsInBlock);
            if (Running is { IsOver: false } relay)
            {
                await relay.FlushAsync();
                await new LoopHop(_loop);
            }

            _input.AdvanceTo(bytes.Start, bytes.End);
            if (read.IsCompleted)
            {
                break;
            }
        }
    }

    private async ValueTask CloseAsync()
    {
        await new LoopHop(_loop);
        _isOver = true;
        if (!_hasBegun)
        {
            return;
        }

        // RFC 9113 section 6.8.
        _output.GoAway(_frames.Last, _failed ?? ErrorCode.None);
        if (_failed == ErrorCode.EnhanceYourCalm && _output.IsFull)
        {
            // It does not read this either.
            _connection.Abort();
        }

        _output.End();
        await _streams.EndAsync();
        await new LoopHop(_loop);
        if (Running is { } relay)
        {
            await relay.EndAsync();
            await new LoopHop(_loop);
        }

        _output.Complete();
    }

    private void Leave()
    {
        if (_ends || _isOver)
        {
            return;
        }

        _ends = true;
        if (_hasBegun && (Count > 0 || (_frames.Last > 0 && _silence.MayBeReading(_door.Books.Time, _door.Watch.Now))))
        {
            // It says how much it has read behind the end of the last answer too, which may be on its way for long. Who rests is not waited for.
            _connection.Linger();
        }

        if (_hasBegun && Count > 0)
        {
            // What is under way, and what the client has sent meanwhile, is answered (RFC 9113 section 6.8).
            _output.GoAway(int.MaxValue, ErrorCode.None);
        }

        EndReading(Count == 0);
    }

    // There is room in the output again.
    private void Send()
    {
        if (!_isOver)
        {
            _client.Waiting.Wake(_client);
        }
    }

    private void Judge(TimeProvider time, long now)
    {
        if (_isOver)
        {
            return;
        }

        switch (_silence.Of(time, now, Count == 0))
        {
            case SilenceKind.Rest:
                Leave();
                break;
            case SilenceKind.Long when _hasBegun:
                _output.Frame(FrameType.Ping, FrameFlags.None, 0, "edge-ask"u8);
                break;
            case SilenceKind.Dead when !_waits:
                _connection.Abort();
                break;
        }
    }
}

using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Runtime.CompilerServices;
using Edge.Connections;
using Edge.Gateway.Straight;
using Edge.Observability;
using Edge.Observability.Metrics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway.Front;

/// <summary>A connection that the front serves: one request after the other, until one is the web server's.</summary>
internal sealed class FrontConnection(FrontDoor door, ConnectionContext connection, ListenerFeature listener, IPAddress address) : IFrontConnection
{
    private readonly PipeReader _input = connection.Transport.Input;
    private readonly FrontReader _reader = new(door, connection.ConnectionId, listener, address);
    private SequencePosition _rest;
    private bool _hasBegun;
    private bool _isOthers;
    private ForwardFailure? _failure;
    private volatile bool _ends;
    private long _restsSince;

    /// <summary>The request under way.</summary>
    public FrontRequest Request { get; private set; }

    public FrontBooks Books => door.Books;

    /// <summary>Some cookies are the gateway's own.</summary>
    public bool HidesCookies => door.HidesCookies;

    /// <summary>Where answers go.</summary>
    public PipeWriter Output { get; } = connection.Transport.Output;

    /// <summary>What carries <see cref="Output"/>; null where that is something of others.</summary>
    public StreamTransport? Transport { get; } = connection.Transport as StreamTransport;

    /// <summary>The client has left.</summary>
    public CancellationToken Closed => connection.ConnectionClosed;

    /// <summary>The answer under way is the last one.</summary>
    public bool Ends => _ends || Request.Closes;

    /// <summary>Serves it.</summary>
    /// <returns>True when the web server goes on with it; false when it is over.</returns>
    public async Task<bool> ServeAsync()
    {
        var ending = connection.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>().ConnectionClosedRequested;
        var registration = ending.UnsafeRegister(static front => ((FrontConnection)front!).End(), this);
        try
        {
            while (await ReadAsync() is { IsEmpty: false } bytes)
            {
                if (!await AnswerAsync(bytes))
                {
                    return _isOthers && await HandOverAsync(bytes.Start, registration);
                }
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The client, or its connection, is no more.
        }
        finally
        {
            await registration.DisposeAsync();
        }

        return false;
    }

    /// <summary>Ends it: at once, or with the answer that is under way.</summary>
    public void End()
    {
        _ends = true;
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _restsSince) != 0)
        {
            _input.CancelPendingRead();
        }
    }

    public void Look(TimeProvider time, long now)
    {
        if (Volatile.Read(ref _restsSince) is not 0 and var since && time.GetElapsedTime(since, now) >= FrontWatch.LongestRest)
        {
            End();
        }
    }

    /// <summary>The destination answers: from here on the request is the front's.</summary>
    public void BeginAnswer()
    {
        _hasBegun = true;
        ColdMemory.Fetch(Request.Record.Counts, RouteCounts.Size);
        _input.AdvanceTo(_rest);
    }

    /// <summary>There is no answer.</summary>
    public ForwarderError Fail(ForwardFailure failure)
    {
        _failure = failure;
        return failure.Error;
    }

    /// <summary>The answer does not come to its end: only an end that the client cannot take for the whole tells it so.</summary>
    public ForwarderError BreakOff(ForwardFailure failure)
    {
        _failure = failure;
        connection.Abort();
        return failure.Error;
    }

    // Nothing, where it is over.
    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private async ValueTask<ReadOnlySequence<byte>> ReadAsync()
    {
        Volatile.Write(ref _restsSince, door.Watch.Now);
        Interlocked.MemoryBarrier();
        if (_ends)
        {
            return default;
        }

        var read = await _input.ReadAsync();
        Volatile.Write(ref _restsSince, 0);
        return read.Buffer;
    }

    // False when this was the last one, or is none for the front.
    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private async ValueTask<bool> AnswerAsync(ReadOnlySequence<byte> bytes)
    {
        (_hasBegun, _isOthers, _failure) = (false, false, null);
        var buffer = ArrayPool<byte>.Shared.Rent(StraightConnection.BufferSize);
        try
        {
            if (_reader.TryRead(bytes.FirstSpan, buffer, out var request, out var length))
            {
                Request = request;
                _rest = bytes.GetPosition(Request.Length);
                await AskAsync(buffer, length);
                return _hasBegun && !Ends && _failure is null;
            }

            _isOthers = true;
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private async ValueTask AskAsync(byte[] buffer, int length)
    {
        var request = Request;
        var isTold = false;
        request.Load.Enter();
        try
        {
            var error = await door.Straight.SendAsync(new FrontClient(this), request.Destination, request.Entry.Ordinary, buffer, length);
            if (error is null && request is { State: null, Destination.AnswersStrangely: true })
            {
                request.Entry.UnlearnSole(request.Destination);
            }

            isTold = Tell(request, error);
        }
        finally
        {
            request.Load.Leave();
            if (!isTold)
            {
                Books.Withdraw(request.Record);
            }
        }
    }

    // False for a request that the web server begins anew.
    private bool Tell(in FrontRequest request, ForwarderError? error)
    {
        if (_hasBegun)
        {
            request.Record.Bytes = request.Record.Written;
            if (_failure is null)
            {
                Books.Answered(request, _reader.Client);
            }
            else
            {
                Books.BrokenOff(request, _failure);
            }
        }
        else if (Closed.IsCancellationRequested)
        {
            FrontBooks.Left(request, error ?? ForwarderError.RequestCanceled);
        }
        else
        {
            if (_failure is not null)
            {
                door.Vain.Leave(listener, 0, _failure, request.Record);
            }

            _isOthers = true;
            return false;
        }

        Books.End(request.Record);
        return true;
    }

    private async ValueTask<bool> HandOverAsync(SequencePosition start, CancellationTokenRegistration registration)
    {
        // From here on who ends the connection tells the web server.
        await registration.DisposeAsync();
        _input.AdvanceTo(start);
        if (_reader.HasRead)
        {
            // Its requests are numbered from the first one again.
            connection.ConnectionId = ConnectionNumber.Next();
        }

        if (_ends)
        {
            // The end was asked for while this request was here already: the pipeline will ask for it once more.
            _input.AdvanceTo((await _input.ReadAsync()).Buffer.Start);
            connection.Features.Set<IConnectionLifetimeNotificationFeature>(new ConnectionEnd());
        }

        return true;
    }
}

using System.Buffers;
using Edge.Connections;
using Edge.Gateway.Straight;
using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway.Front.Http2;

/// <summary>The streams of a connection whose requests the front serves.</summary>
internal sealed class FrontStreams(FrontDoor door, ClientSide client, FrontReader reader, IStreamOwner owner)
{
    // So many at rest are kept for the next requests.
    private const int MostKept = 16;

    // So many more requests may be taken back than were answered: browsers take back what a page had when it is left, and
    // who does nothing else wants to keep everybody busy (CVE-2023-44487).
    private const int MostTakenBack = 200;

    // What is written here is read before anything else is.
    [ThreadStatic]
    private static byte[]? _lines;

    private readonly Dictionary<int, FrontStream> _open = [];
    private readonly Stack<FrontStream> _kept = new();
    private int _takenBack;
    private TaskCompletionSource? _over;

    public int Count => _open.Count;

    /// <summary>How many of them the client has taken back.</summary>
    public int Leaving { get; private set; }

    private static byte[] Lines => _lines ??= new byte[RequestLines.Longest];

    /// <summary>One that nothing was asked over yet.</summary>
    public FrontStream Rent() => _kept.TryPop(out var kept) ? kept : new FrontStream(door, client);

    public void Return(FrontStream stream)
    {
        if (!stream.IsLeft && _kept.Count < MostKept)
        {
            stream.Fields.Clear();
            _kept.Push(stream);
        }
    }

    /// <summary>Whether a request is one for the front, before anything of its connection is.</summary>
    public bool Takes(FieldList fields) => RequestLines.Write(fields, Lines, out _) is > 0 and var length && reader.Takes(Lines.AsSpan(0, length));

    /// <summary>Serves a request. False for one that is the web server's.</summary>
    /// <param name="stream">One with the request's fields.</param>
    /// <param name="id">The client's number of it.</param>
    public bool TryServe(FrontStream stream, int id)
    {
        if (RequestLines.Write(stream.Fields, Lines, out var takesTrailers) is not (> 0 and var written))
        {
            return false;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(StraightConnection.BufferSize);
        if (!reader.TryRead(Lines.AsSpan(0, written), buffer, id, takesTrailers, out var request, out var length))
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return false;
        }

        stream.Begin(id, request);
        _open.Add(id, stream);
        _ = ServeAsync(stream, buffer, length);
        return true;
    }

    /// <summary>The client wants one no more (RFC 9113 section 6.4). False where there is none.</summary>
    /// <exception cref="ConnectionFault">It does so all the time.</exception>
    public bool TryTakeBack(int id)
    {
        if (!_open.TryGetValue(id, out var stream))
        {
            return false;
        }

        // Of an answer that has begun there was something to be had: who stops a film, or looks elsewhere in it, means no harm.
        if (!stream.HasBegun)
        {
            CountTakenBack();
        }

        Leave(stream);
        return true;
    }

    /// <summary>The client takes more of one. False where there is none.</summary>
    /// <exception cref="ConnectionFault">It has them reset by windows that are wrong, all the time.</exception>
    public bool TryGrow(int id, int by)
    {
        if (!_open.TryGetValue(id, out var stream))
        {
            return false;
        }

        if (!stream.IsLeft && (by == 0 || !stream.TryGrow(by)))
        {
            // Who has us take a request back by a fault does the same (CVE-2025-8671).
            CountTakenBack();
            client.Output.Reset(id, by == 0 ? ErrorCode.Protocol : ErrorCode.FlowControl);
            Leave(stream);
        }
        else if (stream.WaitsForWindow)
        {
            stream.Wake();
        }

        return true;
    }

    /// <summary>The client takes more, or less, of all of them (section 6.9.2).</summary>
    /// <exception cref="ConnectionFault">It would be too much.</exception>
    public void GrowAll(int by)
    {
        foreach (var stream in _open.Values)
        {
            if (!stream.TryGrow(by))
            {
                throw new ConnectionFault(ErrorCode.FlowControl, "A window that is too large.");
            }
        }
    }

    /// <summary>There is more room in each stream's window.</summary>
    public void WakeAll()
    {
        foreach (var stream in _open.Values.Where(stream => stream.WaitsForWindow).ToArray())
        {
            stream.Wake();
        }
    }

    /// <summary>The client is gone. Ends when all requests have.</summary>
    public Task EndAsync()
    {
        foreach (var stream in _open.Values.ToArray())
        {
            Leave(stream);
        }

        return _open.Count == 0 ? Task.CompletedTask : (_over ??= new TaskCompletionSource()).Task;
    }

    private async Task ServeAsync(FrontStream stream, byte[] buffer, int length)
    {
        ForwarderError? error = null;
        Exception? wrong = null;
        try
        {
            error = await stream.AskAsync(buffer, length);
        }
        catch (Exception thrown)
        {
            wrong = thrown;
        }

        await new LoopHop(client.Loop);
        try
        {
            End(stream, error, wrong);
        }
        catch (Exception thrown)
        {
            owner.Fail(thrown);
        }

        Return(stream);
        if (_open.Count == 0)
        {
            _over?.TrySetResult();
        }

        owner.Ended();
    }

    private void End(FrontStream stream, ForwarderError? error, Exception? wrong)
    {
        _open.Remove(stream.Id);
        Leaving -= stream.IsLeft ? 1 : 0;
        if (wrong is not null)
        {
            door.Books.Withdraw(stream.Request.Record);
            owner.Fail(wrong);
        }
        else if (!Tell(stream, error))
        {
            owner.Relay(stream, stream.Failure);
            door.Books.Withdraw(stream.Request.Record);
        }
    }

    private void CountTakenBack()
    {
        if (++_takenBack > MostTakenBack)
        {
            throw new ConnectionFault(ErrorCode.EnhanceYourCalm, "More requests taken back than asked.");
        }
    }

    private void Leave(FrontStream stream)
    {
        Leaving += stream.IsLeft ? 0 : 1;
        stream.Leave();
    }

    // False for a request that the web server begins anew.
    private bool Tell(FrontStream stream, ForwarderError? error)
    {
        var request = stream.Request;
        if (stream.HasBegun)
        {
            request.Record.Bytes = request.Record.Written;
            if (stream.Failure is null)
            {
                door.Books.Answered(request, reader.Client);
                _takenBack = Math.Max(0, _takenBack - 1);
            }
            else
            {
                door.Books.BrokenOff(request, stream.Failure);
                if (!stream.IsLeft)
                {
                    client.Output.Reset(stream.Id, ErrorCode.Internal);
                }
            }
        }
        else if (stream.IsLeft)
        {
            FrontBooks.Left(request, error ?? ForwarderError.RequestCanceled);
        }
        else
        {
            return false;
        }

        door.Books.End(request.Record);
        return true;
    }
}

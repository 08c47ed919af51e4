using System.Buffers;

namespace Edge.Gateway.Front.Http2;

/// <summary>
/// What the web server has sent of bodies, and behind them, that the client's window leaves no room for. The window that the
/// web server is given says how much that may be.
/// </summary>
internal sealed class HeldFrames
{
    private readonly Queue<Held> _frames = new();
    private readonly Dictionary<int, int> _streams = [];
    private int _gone;

    /// <summary>Nothing is held.</summary>
    public bool IsEmpty => _frames.Count == 0;

    /// <summary>Whether something of a stream is held, which what follows must not overtake.</summary>
    public bool Holds(int stream) => _streams.ContainsKey(stream);

    public void Add(FrameHead head, ReadOnlySequence<byte> payload)
    {
        _frames.Enqueue(new Held(head, payload.ToArray()));
        _streams[head.Stream] = _streams.GetValueOrDefault(head.Stream) + 1;
    }

    /// <summary>The first one, which stays. False when there is none.</summary>
    public bool TryFirst(out FrameHead head, out ReadOnlyMemory<byte> payload)
    {
        var any = _frames.TryPeek(out var first);
        (head, payload) = any ? (first.Head, first.Payload.AsMemory(_gone)) : default;
        return any;
    }

    /// <summary>So much of the front of the first one is gone.</summary>
    public void Shorten(int by) => _gone += by;

    /// <summary>The first one is gone.</summary>
    public void Drop()
    {
        _gone = 0;
        var stream = _frames.Dequeue().Head.Stream;
        if (--_streams[stream] == 0)
        {
            _streams.Remove(stream);
        }
    }

    private readonly record struct Held(FrameHead Head, byte[] Payload);
}

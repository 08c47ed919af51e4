using System.Buffers;

namespace Edge.Gateway.Front.Http2;

/// <summary>Puts the fields of a request together from their frames (RFC 9113 sections 6.2 and 6.10).</summary>
internal sealed class HeaderBlock
{
    // Who sends many has little in them, and nothing else to do than to keep others busy (CVE-2024-27316).
    private const int MostFrames = 16;

    private byte[] _bytes = new byte[512];
    private int _length;
    private int _frames;

    /// <summary>The stream that it is of; 0 between two of them.</summary>
    public int Stream { get; private set; }

    /// <summary>Nothing else follows in the stream.</summary>
    public bool EndsStream { get; private set; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>Takes a frame.</summary>
    /// <exception cref="ConnectionFault">It may not be.</exception>
    public void Add(FrameHead head, ReadOnlySequence<byte> payload)
    {
        if (head.Stream == 0 || (head.Type == FrameType.Continuation && head.Stream != Stream))
        {
            throw new ConnectionFault(ErrorCode.Protocol, "Fields of no stream, or of another.");
        }

        if (head.Type == FrameType.Headers)
        {
            (Stream, EndsStream) = (head.Stream, head.Has(FrameFlags.EndStream));
            payload = Fields(head, payload);
        }

        var length = _length + (int)payload.Length;
        if (++_frames > MostFrames || length > FieldList.Most)
        {
            throw new ConnectionFault(ErrorCode.EnhanceYourCalm, "Fields without an end.");
        }

        if (length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(length, _bytes.Length * 2));
        }

        payload.CopyTo(_bytes.AsSpan(_length));
        _length = length;
    }

    public void Clear()
    {
        (Stream, _length, _frames) = (0, 0, 0);
        if (_bytes.Length > FrameHead.MostLength)
        {
            _bytes = new byte[512];
        }
    }

    /// <summary>What of the first frame is fields: in front may be a priority, which says nothing here, behind may be padding.</summary>
    /// <exception cref="ConnectionFault">It is less than nothing.</exception>
    public static ReadOnlySequence<byte> Fields(FrameHead head, ReadOnlySequence<byte> payload)
    {
        var (front, behind) = (0, 0);
        if (head.Has(FrameFlags.Padded))
        {
            behind = payload.IsEmpty ? int.MaxValue : payload.Slice(0, 1).ToArray()[0];
            front = 1;
        }

        front += head.Has(FrameFlags.Priority) ? 5 : 0;
        return front + (long)behind <= payload.Length
            ? payload.Slice(front, payload.Length - front - behind)
            : throw new ConnectionFault(ErrorCode.Protocol, "More padding than there is.");
    }
}

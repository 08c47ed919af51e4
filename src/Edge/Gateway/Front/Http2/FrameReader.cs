using System.Buffers;

namespace Edge.Gateway.Front.Http2;

/// <summary>Takes frames from what has come.</summary>
internal static class FrameReader
{
    /// <summary>Takes the first frame. False where it is not whole.</summary>
    /// <exception cref="ConnectionFault">It is longer than was agreed (RFC 9113 section 4.2).</exception>
    public static bool TryTake(ref ReadOnlySequence<byte> bytes, out FrameHead head, out ReadOnlySequence<byte> payload)
    {
        payload = default;
        if (!TryPeek(bytes, out head))
        {
            return false;
        }

        if (head.Length > FrameHead.MostLength)
        {
            throw new ConnectionFault(ErrorCode.FrameSize, "A frame that is too long.");
        }

        if (bytes.Length < head.Whole)
        {
            return false;
        }

        payload = bytes.Slice(FrameHead.Size, head.Length);
        bytes = bytes.Slice(head.Whole);
        return true;
    }

    /// <summary>Whether the fields that the first frame begins are there to their end (section 6.10).</summary>
    public static bool HasWholeBlock(ReadOnlySequence<byte> bytes)
    {
        while (TryPeek(bytes, out var head) && bytes.Length >= head.Whole)
        {
            if (head.Has(FrameFlags.EndHeaders))
            {
                return true;
            }

            bytes = bytes.Slice(head.Whole);
        }

        return false;
    }

    /// <summary>The head of the first frame. False where it is not whole.</summary>
    public static bool TryPeek(ReadOnlySequence<byte> bytes, out FrameHead head)
    {
        head = default;
        if (bytes.FirstSpan.Length >= FrameHead.Size)
        {
            head = FrameHead.Read(bytes.FirstSpan);
            return true;
        }

        if (bytes.Length < FrameHead.Size)
        {
            return false;
        }

        Span<byte> copy = stackalloc byte[FrameHead.Size];
        bytes.Slice(0, FrameHead.Size).CopyTo(copy);
        head = FrameHead.Read(copy);
        return true;
    }
}

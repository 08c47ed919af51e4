using System.Buffers;

namespace Edge.Gateway.Front.Http2;

/// <summary>
/// Looks at what a client begins with. Who first asks for what only the web server can do mostly goes on so, and is served by
/// it alone, without a way round.
/// </summary>
internal static class FirstRequest
{
    /// <summary>Whether the front serves the connection.</summary>
    /// <param name="bytes">What has come, the preface at least.</param>
    /// <param name="streams">Knows what may be taken.</param>
    public static bool IsForFront(ReadOnlySequence<byte> bytes, FrontStreams streams)
    {
        Span<byte> preface = stackalloc byte[Preface.Bytes.Length];
        bytes.Slice(0, preface.Length).CopyTo(preface);
        if (!preface.SequenceEqual(Preface.Bytes))
        {
            return false;
        }

        bytes = bytes.Slice(preface.Length);
        try
        {
            while (FrameReader.TryTake(ref bytes, out var head, out var payload))
            {
                if (head.Type == FrameType.Headers)
                {
                    return Takes(head, payload, streams);
                }
            }
        }
        catch (ConnectionFault)
        {
            // What is wrong with it the web server finds as well.
            return false;
        }

        return true;
    }

    private static bool Takes(FrameHead head, ReadOnlySequence<byte> payload, FrontStreams streams)
    {
        if (!head.Has(FrameFlags.EndHeaders) || !head.Has(FrameFlags.EndStream))
        {
            return false;
        }

        var fields = new FieldList();
        new HeaderDecoder().Decode(HeaderBlock.Fields(head, payload).ToArray(), fields);
        return streams.Takes(fields);
    }
}

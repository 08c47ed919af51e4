using System.Buffers.Binary;
using Edge.Dns.Nameserver;
using Edge.Dns.Wire;

namespace Edge.Dns.Listeners;

/// <summary>Queries and answers behind two-byte lengths (RFC 1035 §4.2.2): what every stream has in common.</summary>
internal static class QueryFrames
{
    /// <summary>Bytes of a length.</summary>
    public const int Prefix = 2;

    /// <summary>The longest query with its length, in bytes.</summary>
    public const int Longest = Prefix + Message.MaxLength;

    /// <summary>Room for answers, in bytes: half of it collects them, the longest one always fits behind.</summary>
    public const int AnswerRoom = 2 * 65536;

    /// <summary>Answers complete queries in their order, all into one buffer, so that one write sends them.</summary>
    /// <param name="processor">Who answers.</param>
    /// <param name="context">Who asks.</param>
    /// <param name="recorder">Notes the queries of this thread; null on a thread that has none.</param>
    /// <param name="received">What was received and not answered yet.</param>
    /// <param name="answers">Room for <see cref="AnswerRoom"/> bytes.</param>
    /// <param name="consumed">Bytes of <paramref name="received"/> that are done with.</param>
    /// <param name="written">Bytes of <paramref name="answers"/> to send.</param>
    public static FramesEnd Answer(QueryProcessor processor, in QueryContext context, QueryRecorder? recorder, ReadOnlySpan<byte> received, Span<byte> answers, out int consumed, out int written)
    {
        consumed = 0;
        written = 0;
        while (TryTake(received[consumed..], out var query))
        {
            if (answers.Length - written < Longest)
            {
                return FramesEnd.Full;
            }

            var room = answers.Slice(written + Prefix, Message.MaxLength);
            var outcome = recorder is null ? processor.Process(query, context, room, out var length) : processor.ProcessNoting(query, context, recorder, room, out length);
            if (outcome == QueryOutcome.Deferred)
            {
                return FramesEnd.Deferred;
            }

            consumed += Prefix + query.Length;
            if (outcome == QueryOutcome.Answered)
            {
                BinaryPrimitives.WriteUInt16BigEndian(answers[written..], (ushort)length);
                written += Prefix + length;
            }
        }

        return FramesEnd.Incomplete;
    }

    /// <summary>Takes the query at the front; false while it is not complete.</summary>
    public static bool TryTake(ReadOnlySpan<byte> received, out ReadOnlySpan<byte> query)
    {
        query = default;
        if (received.Length < Prefix)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(received);
        if (received.Length < Prefix + length)
        {
            return false;
        }

        query = received.Slice(Prefix, length);
        return true;
    }
}

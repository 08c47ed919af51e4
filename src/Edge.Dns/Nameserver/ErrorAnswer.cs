using Edge.Dns.Wire;

namespace Edge.Dns.Nameserver;

/// <summary>Answers that say why there is none.</summary>
internal static class ErrorAnswer
{
    /// <summary>Answers with a code and nothing else; returns the answer's length.</summary>
    public static int Write(ReadOnlySpan<byte> query, Rcode rcode, Span<byte> answer)
    {
        MessageHeader.TryRead(query, out var header);
        int length;
        if (QueryMessage.TryReadQuestion(header, query, out var message))
        {
            QueryMessage.TryReadRest(query, ref message);
            Write(query, message, rcode, answer, out length);
        }
        else
        {
            WithoutQuestion(query, header, rcode, answer, out length);
        }

        return length;
    }

    /// <summary>Answers what has no question that could be echoed.</summary>
    public static QueryOutcome WithoutQuestion(ReadOnlySpan<byte> query, MessageHeader header, Rcode rcode, Span<byte> answer, out int length)
    {
        var flags = MessageFlags.Response | (header.Flags & MessageFlags.RecursionDesired);
        var writer = new MessageWriter(answer);
        // An error answers EDNS with EDNS as well, if it can be seen that the sender speaks it (RFC 6891 §6.1.1, §7).
        var hasEdns = QueryMessage.TryFindOpt(query, header, out var opt)
            && Edns.TryWrite(ref writer, Edns.SafePayloadSize, Edns.HasDnssecOk(opt), rcode);
        new MessageHeader(header.Id, flags, header.Opcode, rcode, 0, 0, 0, (ushort)(hasEdns ? 1 : 0)).Write(answer);
        length = writer.Position;
        return QueryOutcome.Answered;
    }

    /// <summary>Answers a question with a code, and perhaps the options that say why.</summary>
    public static QueryOutcome Write(
        ReadOnlySpan<byte> query, QueryMessage message, Rcode rcode, Span<byte> answer, out int length,
        ReadOnlySpan<byte> options = default, MessageFlags flags = MessageFlags.None) =>
        Write(query, message, rcode, answer, out length, out _, options, flags);

    /// <summary>The same; <paramref name="opt"/> is where its OPT record begins.</summary>
    public static QueryOutcome Write(
        ReadOnlySpan<byte> query, QueryMessage message, Rcode rcode, Span<byte> answer, out int length, out int opt,
        ReadOnlySpan<byte> options = default, MessageFlags flags = MessageFlags.None)
    {
        length = new AnswerWriter(query, message, answer, Edns.MinPayloadSize, options) { Rcode = rcode, Flags = flags }.Finish();
        opt = length - Edns.FixedLength - options.Length;
        return QueryOutcome.Answered;
    }

    /// <summary>Nothing but the way to be believed: a cookie for who knows cookies, TCP for all others (RFC 7873 §5.2.3).</summary>
    public static QueryOutcome SendBack(ReadOnlySpan<byte> query, QueryMessage message, in ClientStanding standing, Span<byte> answer, out int length, out int opt)
    {
        const int FlagsOffset = 2;
        var isTruncated = standing.Cookie == CookieState.None;
        var outcome = Write(query, message, isTruncated ? Rcode.NoError : Rcode.BadCookie, answer, out length, out opt);
        answer[FlagsOffset] |= isTruncated ? (byte)((ushort)MessageFlags.Truncated >> 8) : (byte)0;
        return outcome;
    }
}

using Edge.Dns.Wire;

namespace Edge.Dns.Nameserver;

/// <summary>RFC 7873 §5.4: a query without a question asks for a cookie.</summary>
internal static class CookieQuery
{
    /// <summary>Answers it; false when it is none, or malformed.</summary>
    public static bool TryAnswer(OptionDesk desk, ReadOnlySpan<byte> query, MessageHeader header, in QueryContext context, Span<byte> answer, out int length)
    {
        length = 0;
        Span<byte> room = stackalloc byte[ResponseOptions.MaxLength];
        var own = new ResponseOptions(room);
        if (header.QuestionCount != 0 || !QueryMessage.TryFindOpt(query, header, out var opt) || Edns.VersionOf(opt) != 0
            || !desk.TryRead(query.Slice(opt.DataOffset, opt.DataLength), context, ref own, out var standing) || standing.Cookie == CookieState.None)
        {
            return false;
        }

        var rcode = standing.Cookie == CookieState.Bad ? Rcode.BadCookie : Rcode.NoError;
        var flags = MessageFlags.Response | (header.Flags & MessageFlags.RecursionDesired);
        var writer = new MessageWriter(answer);
        Edns.TryWrite(ref writer, Edns.SafePayloadSize, Edns.HasDnssecOk(opt), rcode, own.Wire);
        new MessageHeader(header.Id, flags, header.Opcode, rcode, 0, 0, 0, 1).Write(answer);
        length = writer.Position;
        return true;
    }
}

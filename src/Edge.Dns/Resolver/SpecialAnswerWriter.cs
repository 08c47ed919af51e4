using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>Writes what is answered for special names; like a cache hit, without waiting or allocating.</summary>
internal static class SpecialAnswerWriter
{
    private static readonly byte[] LoopbackV4 = [127, 0, 0, 1];
    private static readonly byte[] LoopbackV6 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    private static readonly byte[] Localhost = Name.Parse("localhost").Wire.ToArray();
    private static readonly byte[] LoopbackPtrV4 = Name.Parse("1.0.0.127.in-addr.arpa").Wire.ToArray();
    // RFC 8880 §7.1: the two well-known addresses, which never change.
    private static readonly byte[][] Ipv4OnlyAddresses = [[192, 0, 0, 170], [192, 0, 0, 171]];

    /// <summary>Writes the answer; false when this question about the name belongs upstream.</summary>
    public static bool TryWrite(SpecialName special, in ClientQuery query, Span<byte> answer, int limit, out int length)
    {
        length = 0;
        var atTop = NameComparison.Equal(query.Name, special.Domain.Wire);
        // RFC 8375 §4: the parent says that the zone is unsigned; what is asked about below it would only tell on the house.
        if (special.Answer == SpecialNameAnswer.EmptyInsecureZone && query.Type == RecordType.DS && atTop)
        {
            return false;
        }

        limit = Math.Min(limit, answer.Length);
        var writer = new MessageWriter(answer[..limit]);
        var fits = writer.TryWriteBytes(query.Question);
        writer.Remember(MessageHeader.Length);
        writer.Limit -= query.HasEdns ? Edns.FixedLength : 0;
        var answers = 0;
        fits = fits && TryWriteAnswers(ref writer, special, query, atTop, out answers);
        var rcode = answers == 0 && !Exists(special, query, atTop) ? Rcode.NxDomain : Rcode.NoError;
        ushort authorities = 0;
        if (fits && answers == 0)
        {
            fits = writer.TryWriteRecord(special.Domain.Wire, RecordType.SOA, RecordClass.IN, SpecialNames.Ttl, special.Soa.Wire);
            authorities = fits ? (ushort)1 : (ushort)0;
        }

        writer.Limit = limit;
        var edns = query.HasEdns && Edns.TryWrite(ref writer, Edns.SafePayloadSize, QuestionKey.IsDnssecOk(query.KeyFlags), rcode);
        var copied = query.Header.Flags & (MessageFlags.RecursionDesired | MessageFlags.CheckingDisabled);
        var flags = MessageFlags.Response | MessageFlags.RecursionAvailable | copied | (fits ? 0 : MessageFlags.Truncated);
        new MessageHeader(query.Header.Id, flags, Opcode.Query, rcode, 1, (ushort)answers, authorities, (ushort)(edns ? 1 : 0)).Write(answer);
        length = writer.Position;
        return true;
    }

    private static bool TryWriteAnswers(ref MessageWriter writer, SpecialName special, in ClientQuery query, bool atTop, out int count)
    {
        count = 0;
        var isZone = special.Answer is SpecialNameAnswer.EmptyZone or SpecialNameAnswer.EmptyInsecureZone;
        switch (special.Answer, query.Type)
        {
            case (SpecialNameAnswer.Localhost, RecordType.A):
                return TryWrite(ref writer, RecordType.A, LoopbackV4, ref count);
            case (SpecialNameAnswer.Localhost, RecordType.AAAA):
                return TryWrite(ref writer, RecordType.AAAA, LoopbackV6, ref count);
            case (SpecialNameAnswer.Ipv4Only, RecordType.A) when atTop:
                return TryWrite(ref writer, RecordType.A, Ipv4OnlyAddresses[0], ref count)
                    && TryWrite(ref writer, RecordType.A, Ipv4OnlyAddresses[1], ref count);
            case (_, RecordType.SOA) when isZone && atTop:
                return TryWrite(ref writer, RecordType.SOA, special.Soa.Wire, ref count);
            case (_, RecordType.NS) when isZone && atTop:
                return TryWrite(ref writer, RecordType.NS, special.Domain.Wire, ref count);
            case (_, RecordType.PTR) when IsLoopbackPtr(special, query.Name, atTop):
                return TryWrite(ref writer, RecordType.PTR, Localhost, ref count);
            default:
                return true;
        }
    }

    // The question's name stands right behind the header.
    private static bool TryWrite(ref MessageWriter writer, RecordType type, ReadOnlySpan<byte> data, ref int count)
    {
        count++;
        return writer.TryWriteRecord(MessageHeader.Length, type, RecordClass.IN, SpecialNames.Ttl, data);
    }

    private static bool Exists(SpecialName special, in ClientQuery query, bool atTop) => special.Answer switch
    {
        SpecialNameAnswer.NxDomain => false,
        SpecialNameAnswer.Localhost or SpecialNameAnswer.NoData => true,
        _ => atTop || IsLoopbackPtr(special, query.Name, atTop),
    };

    // RFC 6303 §3 lets 127.0.0.1 and ::1 have their name; nothing breaks, and logs read better.
    private static bool IsLoopbackPtr(SpecialName special, ReadOnlySpan<byte> name, bool atTop) =>
        (atTop && special.Domain.LabelCount == 34 && special.Domain.FirstLabel[0] == (byte)'1') || NameComparison.Equal(name, LoopbackPtrV4);
}

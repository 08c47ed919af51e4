using System.Buffers.Binary;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>Turns a kept answer into the answer to one client's query, without allocating.</summary>
internal static class AnswerWriter
{
    /// <summary>RFC 8767 §5: what is stale is handed out for this many seconds.</summary>
    private const uint StaleTtl = 30;

    private static readonly byte[] StaleAnswer = [0, 15, 0, 2, 0, (byte)ExtendedErrorCode.StaleAnswer];
    private static readonly byte[] StaleNxDomain = [0, 15, 0, 2, 0, (byte)ExtendedErrorCode.StaleNxDomainAnswer];

    /// <summary>Writes the answer and returns its length, at most <paramref name="limit"/> and the span's length.</summary>
    /// <param name="kept">The answer to write.</param>
    /// <param name="query">Whom it is for.</param>
    /// <param name="answer">Receives it.</param>
    /// <param name="limit">Longest answer in bytes.</param>
    /// <param name="now">The cache's clock in milliseconds.</param>
    /// <param name="stale">Whether it is served past its TTL.</param>
    public static int Write(CachedAnswer kept, in ClientQuery query, Span<byte> answer, int limit, long now, bool stale)
    {
        ReadOnlySpan<byte> options = !query.HasEdns ? [] : !stale ? kept.ExtendedError : kept.Rcode == Rcode.NxDomain ? StaleNxDomain : StaleAnswer;
        limit = Math.Min(limit, answer.Length);
        var room = limit - (query.HasEdns ? Edns.FixedLength + options.Length : 0);
        var shift = query.Name.Length - kept.NameLength;
        var header = Header(kept, query, stale);
        var end = kept.Wire.Length;
        if (end + shift > room)
        {
            end = CutAtRRset(kept.Wire, room - shift, ref header);
        }

        kept.Wire[(MessageHeader.Length + kept.NameLength)..end]
            .CopyTo(answer[(MessageHeader.Length + query.Name.Length)..]);
        query.Question.CopyTo(answer[MessageHeader.Length..]);
        WriteTtls(kept, answer, end, shift, stale ? StaleTtl : 0, (uint)((now - kept.StoredAt) / 1000));
        var length = end + shift;
        if (query.HasEdns)
        {
            header = header with { AdditionalCount = 1 };
            var writer = new MessageWriter(answer[..limit], length);
            if (!Edns.TryWrite(ref writer, Edns.SafePayloadSize, QuestionKey.IsDnssecOk(query.KeyFlags), kept.Rcode, options))
            {
                Edns.TryWrite(ref writer, Edns.SafePayloadSize, QuestionKey.IsDnssecOk(query.KeyFlags), kept.Rcode);
            }

            length = writer.Position;
        }

        header.Write(answer);
        return length;
    }

    // AA is for who owns the zone. AD says that we have validated (RFC 4035 §3.2.3), to those who ask for it with AD or DO
    // (RFC 6840 §5.8); for what is stale nobody vouches, since its signatures may have ended with it.
    private static MessageHeader Header(CachedAnswer kept, in ClientQuery query, bool stale)
    {
        MessageHeader.TryRead(kept.Wire, out var stored);
        var copied = query.Header.Flags & (MessageFlags.RecursionDesired | MessageFlags.CheckingDisabled);
        var wantsAuthentic = (query.Header.Flags & MessageFlags.AuthenticData) != 0 || QuestionKey.IsDnssecOk(query.KeyFlags);
        var authentic = wantsAuthentic && !stale ? stored.Flags & MessageFlags.AuthenticData : 0;
        return stored with
        {
            Id = query.Header.Id,
            Flags = MessageFlags.Response | MessageFlags.RecursionAvailable | copied | authentic,
            QuestionCount = 1,
        };
    }

    private static void WriteTtls(CachedAnswer kept, Span<byte> answer, int end, int shift, uint fixedTtl, uint age)
    {
        foreach (var offset in kept.TtlOffsets)
        {
            if (offset >= end)
            {
                break;
            }

            var ttl = fixedTtl;
            if (fixedTtl == 0)
            {
                var original = BinaryPrimitives.ReadUInt32BigEndian(kept.Wire[offset..]);
                ttl = original > age ? original - age : 0;
            }

            BinaryPrimitives.WriteUInt32BigEndian(answer[(offset + shift)..], ttl);
        }
    }

    // RFC 2181 §9: what remains in a truncated answer are whole RRsets.
    private static int CutAtRRset(ReadOnlySpan<byte> wire, int room, ref MessageHeader header)
    {
        Span<byte> owner = stackalloc byte[Name.MaxWireLength];
        Span<byte> lastOwner = stackalloc byte[Name.MaxWireLength];
        var lastLength = 0;
        var lastType = RecordType.None;
        var reader = new MessageReader(wire, MessageHeader.Length + RDataNames.NameLength(wire[MessageHeader.Length..]) + 4);
        var cut = reader.Offset;
        var records = 0;
        var kept = 0;
        while (!reader.AtEnd)
        {
            var start = reader.Offset;
            if (!reader.TryReadName(owner, out var length) || !reader.TryReadRecordHeader(out var record))
            {
                break;
            }

            var sameSet = records > 0 && record.Type == lastType && NameComparison.Equal(owner[..length], lastOwner[..lastLength]);
            if (!sameSet)
            {
                cut = start;
                kept = records;
            }

            if (reader.Offset > room)
            {
                break;
            }

            records++;
            owner[..length].CopyTo(lastOwner);
            lastLength = length;
            lastType = record.Type;
        }

        var answers = Math.Min(kept, header.AnswerCount);
        header = header with
        {
            Flags = header.Flags | MessageFlags.Truncated,
            AnswerCount = (ushort)answers,
            AuthorityCount = (ushort)(kept - answers),
        };
        return cut;
    }
}

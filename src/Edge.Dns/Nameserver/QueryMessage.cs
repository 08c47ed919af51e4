using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Edge.Dns.Wire;

namespace Edge.Dns.Nameserver;

/// <summary>A query taken apart in place: what the guards and the answer need, without a copy.</summary>
internal readonly ref struct QueryMessage
{
    private QueryMessage(MessageHeader header, ReadOnlySpan<byte> name, ushort type, ushort @class)
    {
        Header = header;
        Name = name;
        Type = (RecordType)type;
        Class = (RecordClass)@class;
    }

    public MessageHeader Header { get; }

    /// <summary>QNAME in wire form, in the query's own bytes: a first name has nothing to point to.</summary>
    public ReadOnlySpan<byte> Name { get; }

    public RecordType Type { get; }

    public RecordClass Class { get; }

    public bool HasEdns { get; private init; }

    public RecordHeader Opt { get; private init; }

    /// <summary>Whether a TSIG record ends it; whether that is a good one is not known here.</summary>
    public bool IsSigned { get; private init; }

    /// <summary>Where the question ends.</summary>
    public int QuestionEnd => MessageHeader.Length + Name.Length + 4;

    public bool DnssecOk => HasEdns && Edns.HasDnssecOk(Opt);

    /// <summary>Whether a compact answer may have the code NXDOMAIN (RFC 9824 §5.1).</summary>
    public bool CompactOk => HasEdns && Edns.HasCompactOk(Opt);

    /// <summary>The data of its OPT record; empty without one.</summary>
    /// <param name="query">The bytes this was read from.</param>
    public ReadOnlySpan<byte> OptionData(ReadOnlySpan<byte> query) => HasEdns ? query.Slice(Opt.DataOffset, Opt.DataLength) : default;

    /// <summary>RFC 6891 §6.2.3 for the lower end; the upper is what passes unfragmented everywhere (RFC 9715 §3).</summary>
    public int AnswerLimit(Transport transport) => transport != Transport.Udp
        ? Message.MaxLength
        : HasEdns ? Math.Clamp((int)Opt.Class, Edns.MinPayloadSize, Edns.SafePayloadSize) : Edns.MinPayloadSize;

    /// <summary>Reads a whole query; false when anything of it cannot be read.</summary>
    public static bool TryRead(ReadOnlySpan<byte> query, out QueryMessage message)
    {
        message = default;
        return MessageHeader.TryRead(query, out var header) && TryReadQuestion(header, query, out message) && TryReadRest(query, ref message);
    }

    /// <summary>Reads the question; false when there is not exactly one (RFC 9619 §4) or it cannot be read.</summary>
    public static bool TryReadQuestion(MessageHeader header, ReadOnlySpan<byte> query, out QueryMessage message)
    {
        message = default;
        if (header.QuestionCount != 1)
        {
            return false;
        }

        var length = RDataNames.NameLength(query[MessageHeader.Length..]);
        if (length < 0 || query.Length < MessageHeader.Length + length + 4)
        {
            return false;
        }

        var rest = query[(MessageHeader.Length + length)..];
        message = new QueryMessage(
            header,
            query.Slice(MessageHeader.Length, length),
            BinaryPrimitives.ReadUInt16BigEndian(rest),
            BinaryPrimitives.ReadUInt16BigEndian(rest[2..]));
        return true;
    }

    /// <summary>
    /// Reads what follows the question and finds the OPT record. False when it cannot be read, when there are two
    /// OPT records or one that the root does not own (RFC 6891 §6.1.1), a TSIG record that is not the last record
    /// (RFC 8945 §5.1), or when bytes are left over.
    /// </summary>
    public static bool TryReadRest(ReadOnlySpan<byte> query, ref QueryMessage message)
    {
        var read = TryReadRecords(query, message.Header, message.QuestionEnd, out var hasEdns, out var opt, out var isSigned);
        message = message with { HasEdns = hasEdns, Opt = opt, IsSigned = isSigned };
        return read;
    }

    /// <summary>
    /// Finds the OPT record of a message of any opcode and any number of questions; false when it has none or
    /// cannot be read to its end.
    /// </summary>
    public static bool TryFindOpt(ReadOnlySpan<byte> query, MessageHeader header, out RecordHeader opt)
    {
        opt = default;
        var reader = new MessageReader(query);
        for (var i = 0; i < header.QuestionCount; i++)
        {
            if (!reader.TrySkipName() || !reader.TryReadUInt32(out _))
            {
                return false;
            }
        }

        return TryReadRecords(query, header, reader.Offset, out var hasEdns, out opt, out _) && hasEdns;
    }

    // The owner of a query's record is the root. Any other is read to its end: it may point round in a circle (RFC 1035 §4.1.4).
    private static bool TryReadOwner(ReadOnlySpan<byte> query, ref MessageReader reader) =>
        reader.Offset < query.Length && query[reader.Offset] == 0 ? reader.TrySkipName() : TryReadName(ref reader);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryReadName(ref MessageReader reader)
    {
        Span<byte> name = stackalloc byte[Wire.Name.MaxWireLength];
        return reader.TryReadName(name, out _);
    }

    private static bool TryReadRecords(
        ReadOnlySpan<byte> query, MessageHeader header, int offset, out bool hasEdns, out RecordHeader opt, out bool isSigned)
    {
        hasEdns = false;
        isSigned = false;
        opt = default;
        var reader = new MessageReader(query, offset);
        var records = header.AnswerCount + header.AuthorityCount + header.AdditionalCount;
        var firstAdditional = header.AnswerCount + header.AuthorityCount;
        for (var i = 0; i < records; i++)
        {
            var ownerOffset = reader.Offset;
            if (!TryReadOwner(query, ref reader) || !reader.TryReadRecordHeader(out var record))
            {
                return false;
            }

            if (record.Type == RecordType.TSIG && (i != records - 1 || i < firstAdditional))
            {
                return false;
            }

            isSigned |= record.Type == RecordType.TSIG;
            if (record.Type != RecordType.OPT)
            {
                continue;
            }

            if (hasEdns || i < firstAdditional || query[ownerOffset] != 0)
            {
                return false;
            }

            (hasEdns, opt) = (true, record);
        }

        // Options are read by version 0's rules only when it is version 0 (RFC 6891 §6.1.3).
        return reader.AtEnd
            && (!hasEdns || Edns.VersionOf(opt) != 0 || Edns.OptionsAreWhole(reader.RawData(opt)));
    }
}

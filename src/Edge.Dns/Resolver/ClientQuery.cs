using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>The parts of a client's query that decide its answer, read in place.</summary>
internal readonly ref struct ClientQuery
{
    private ClientQuery(ReadOnlySpan<byte> question, MessageHeader header, RecordType type, bool hasEdns, bool dnssecOk)
    {
        Question = question;
        Header = header;
        Type = type;
        HasEdns = hasEdns;
        KeyFlags = QuestionKey.Flags(dnssecOk, (header.Flags & MessageFlags.CheckingDisabled) != 0);
    }

    /// <summary>QNAME, QTYPE and QCLASS as they came.</summary>
    public ReadOnlySpan<byte> Question { get; }

    /// <summary>QNAME as it came.</summary>
    public ReadOnlySpan<byte> Name => Question[..^4];

    public MessageHeader Header { get; }

    public RecordType Type { get; }

    public bool HasEdns { get; }

    /// <summary>The bits of a query that give another answer to the same question.</summary>
    public byte KeyFlags { get; }

    public bool RecursionDesired => (Header.Flags & MessageFlags.RecursionDesired) != 0;

    public static bool TryRead(ReadOnlySpan<byte> wire, out ClientQuery query)
    {
        query = default;
        if (!MessageHeader.TryRead(wire, out var header) || header.QuestionCount != 1)
        {
            return false;
        }

        var nameLength = RDataNames.NameLength(wire[MessageHeader.Length..]);
        if (nameLength < 0)
        {
            return false;
        }

        var reader = new MessageReader(wire, MessageHeader.Length + nameLength);
        if (!reader.TryReadUInt16(out var type) || !reader.TryReadUInt16(out _))
        {
            return false;
        }

        var question = wire[MessageHeader.Length..reader.Offset];
        var records = header.AnswerCount + header.AuthorityCount + header.AdditionalCount;
        Span<byte> owner = stackalloc byte[Wire.Name.MaxWireLength];
        for (var i = 0; i < records; i++)
        {
            if (!reader.TryReadName(owner, out _) || !reader.TryReadRecordHeader(out var record))
            {
                return false;
            }

            if (record.Type == RecordType.OPT)
            {
                query = new ClientQuery(question, header, (RecordType)type, true, Edns.HasDnssecOk(record));
                return true;
            }
        }

        query = new ClientQuery(question, header, (RecordType)type, false, false);
        return true;
    }
}

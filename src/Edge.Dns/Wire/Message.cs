using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Edge.Dns.Wire;

/// <summary>
/// A whole message as objects (RFC 1035 §4.1): for what is not the hot path. Records are of class IN; names in
/// them are uncompressed.
/// </summary>
public sealed class Message
{
    /// <summary>Longest message over TCP in bytes (RFC 1035 §4.2.2).</summary>
    public const int MaxLength = 65535;

    /// <summary>The client's number for it.</summary>
    public ushort Id { get; set; }

    /// <summary>The one-bit flags.</summary>
    public MessageFlags Flags { get; set; }

    /// <summary>Kind of query.</summary>
    public Opcode Opcode { get; set; }

    /// <summary>The whole response code, the upper bits from EDNS included.</summary>
    public Rcode Rcode { get; set; }

    /// <summary>What is asked; almost always one question.</summary>
    public List<Question> Questions { get; } = [];

    /// <summary>The answer section.</summary>
    public List<ResourceRecord> Answer { get; } = [];

    /// <summary>The authority section.</summary>
    public List<ResourceRecord> Authority { get; } = [];

    /// <summary>The additional section without the OPT record.</summary>
    public List<ResourceRecord> Additional { get; } = [];

    /// <summary>The OPT record; null when there is none.</summary>
    public Edns? Edns { get; set; }

    /// <summary>Reads a message; <paramref name="error"/> says in words what is wrong with it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> wire, [NotNullWhen(true)] out Message? message, [NotNullWhen(false)] out string? error)
    {
        message = null;
        error = null;
        if (!MessageHeader.TryRead(wire, out var header))
        {
            error = "shorter than a header of 12 bytes";
            return false;
        }

        var read = new Message { Id = header.Id, Flags = header.Flags, Opcode = header.Opcode, Rcode = header.Rcode };
        var reader = new MessageReader(wire);
        for (var i = 0; i < header.QuestionCount; i++)
        {
            if (!reader.TryReadQuestion(out var question))
            {
                error = $"question {i + 1} cannot be read";
                return false;
            }

            read.Questions.Add(question!);
        }

        if (!read.TryReadSection(ref reader, header.AnswerCount, read.Answer, "answer", out error)
            || !read.TryReadSection(ref reader, header.AuthorityCount, read.Authority, "authority", out error)
            || !read.TryReadSection(ref reader, header.AdditionalCount, read.Additional, "additional", out error))
        {
            return false;
        }

        if (!reader.AtEnd)
        {
            error = "bytes after the last record";
            return false;
        }

        message = read;
        return true;
    }

    /// <summary>
    /// Writes the message, compressed, and returns its length in bytes. Records that do not fit are left out with
    /// TC set (RFC 2181 §9); the OPT record always stays. The span must have room for header, questions and OPT.
    /// </summary>
    public int Write(Span<byte> wire)
    {
        var options = Edns?.OptionsWire() ?? [];
        var writer = new MessageWriter(wire) { Limit = Math.Min(wire.Length, MaxLength) - (Edns is null ? 0 : Edns.FixedLength + options.Length) };
        foreach (var question in Questions)
        {
            if (!writer.TryWriteName(question.Name.Wire) || !writer.TryWriteUInt16((ushort)question.Type) || !writer.TryWriteUInt16((ushort)question.Class))
            {
                throw new ArgumentException("no room for the questions", nameof(wire));
            }
        }

        var whole = true;
        var answers = WriteSection(ref writer, Answer, ref whole);
        var authorities = WriteSection(ref writer, Authority, ref whole);
        var required = whole;
        var additionals = WriteSection(ref writer, Additional, ref whole);
        if (Edns is not null)
        {
            writer.Limit = Math.Min(wire.Length, MaxLength);
            Edns.TryWrite(ref writer, Edns.PayloadSize, Edns.DnssecOk, Rcode, options);
            if (Edns.Version != 0)
            {
                wire[writer.Position - options.Length - 5] = Edns.Version;
            }

            additionals++;
        }

        new MessageHeader(Id, required ? Flags : Flags | MessageFlags.Truncated, Opcode, Rcode,
            (ushort)Questions.Count, answers, authorities, additionals).Write(wire);
        return writer.Position;
    }

    /// <summary>The message as bytes of its own.</summary>
    public byte[] ToArray()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxLength);
        try
        {
            return buffer.AsSpan(0, Write(buffer)).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool TryReadSection(ref MessageReader reader, int count, List<ResourceRecord> section, string name, [NotNullWhen(false)] out string? error)
    {
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadName(out var owner) || !reader.TryReadRecordHeader(out var header))
            {
                error = $"{name} record {i + 1} cannot be read";
                return false;
            }

            if (header.Type == RecordType.OPT)
            {
                // RFC 6891 §6.1.1: one OPT at most, in the additional section, owned by the root.
                if (Edns is not null || section != Additional || !owner!.IsRoot || !Edns.TryRead(header, reader.RawData(header), out var edns))
                {
                    error = "the OPT record is malformed, misplaced or there twice";
                    return false;
                }

                Edns = edns;
                Rcode = (Rcode)((int)Rcode | Edns.UpperRcode(header));
                continue;
            }

            if (header.Class != RecordClass.IN || !reader.TryReadData(header, out var data))
            {
                error = $"the data of {name} record {i + 1} ({header.Type}) cannot be read";
                return false;
            }

            section.Add(new ResourceRecord(owner!, header.Type, header.Ttl, data));
        }

        error = null;
        return true;
    }

    private static ushort WriteSection(ref MessageWriter writer, List<ResourceRecord> section, ref bool whole)
    {
        ushort count = 0;
        for (var i = 0; whole && i < section.Count; i++)
        {
            var mark = writer.Mark();
            var record = section[i];
            if (writer.TryWriteRecord(record.Owner.Wire, record.Type, RecordClass.IN, record.Ttl, record.Data.Wire))
            {
                count++;
                continue;
            }

            writer.Rollback(mark);
            whole = false;
        }

        return count;
    }
}

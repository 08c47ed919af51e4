using System.Buffers;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>Writes records into the form in which answers are kept.</summary>
internal static class AnswerBuilder
{
    /// <summary>A failure to tell the client: SERVFAIL or REFUSED, with its reason.</summary>
    public static CachedAnswer Failure(QuestionKey key, Rcode rcode, ExtendedErrorCode code, string text, TimeSpan lifetime = default, int failures = 0) =>
        Build(key, rcode, [], [], key.Type, lifetime, ErrorOption(code, text), failures)!.Value;

    /// <summary>An answer; null when the records are more than a message can hold.</summary>
    /// <param name="key">The question.</param>
    /// <param name="rcode">The response code.</param>
    /// <param name="answers">The answer section.</param>
    /// <param name="authorities">The authority section.</param>
    /// <param name="keyType">The type to keep it under: that of the question, or <see cref="CachedAnswer.AnyType"/>.</param>
    /// <param name="lifetime">How long to keep it.</param>
    /// <param name="extendedError">An EDE option in wire form, or nothing.</param>
    /// <param name="failures">Failures in a row.</param>
    /// <param name="secure">Whether it was validated, so that AD may be set (RFC 4035 §3.2.3).</param>
    public static CachedAnswer? Build(
        QuestionKey key,
        Rcode rcode,
        List<ResourceRecord> answers,
        List<ResourceRecord> authorities,
        RecordType keyType,
        TimeSpan lifetime,
        byte[]? extendedError = null,
        int failures = 0,
        bool secure = false)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Message.MaxLength);
        try
        {
            var length = Write(buffer.AsSpan(0, Message.MaxLength), key, rcode, answers, authorities, compress: keyType != CachedAnswer.AnyType, secure);
            if (length < 0)
            {
                return null;
            }

            // What cannot be told in the room that an option has is left out.
            var error = extendedError is { Length: <= ushort.MaxValue } ? extendedError : [];
            var answer = CachedAnswer.Create(key, keyType, length, answers.Count + authorities.Count, error);
            buffer.AsSpan(0, length).CopyTo(answer.WritableWire);
            TryFindTtls(answer.Wire, key.Name.Wire.Length, answer.WritableTtlOffsets);
            answer.Head.Rcode = (ushort)rcode;
            answer.Head.Lifetime = (uint)Math.Clamp(lifetime.TotalMilliseconds, 0, uint.MaxValue);
            answer.Head.Failures = (byte)Math.Min(failures, byte.MaxValue);
            return answer;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>An EDE option in wire form (RFC 8914 §2).</summary>
    public static byte[] ErrorOption(ExtendedErrorCode code, string text)
    {
        var option = EdnsOption.ExtendedError(code, text);
        return [(byte)(option.Code >> 8), (byte)option.Code, (byte)(option.Data.Length >> 8), (byte)option.Data.Length, .. option.Data.Span];
    }

    private static int Write(Span<byte> wire, QuestionKey key, Rcode rcode, List<ResourceRecord> answers, List<ResourceRecord> authorities, bool compress, bool secure)
    {
        var writer = new MessageWriter(wire);
        if (!writer.TryWriteName(key.Name.Wire) || !writer.TryWriteUInt16((ushort)key.Type) || !writer.TryWriteUInt16((ushort)RecordClass.IN))
        {
            return -1;
        }

        foreach (var record in answers.Concat(authorities))
        {
            if (!(compress
                ? writer.TryWriteRecord(record.Owner.Wire, record.Type, RecordClass.IN, record.Ttl, record.Data.Wire)
                : TryWritePlain(ref writer, record)))
            {
                return -1;
            }
        }

        new MessageHeader(0, MessageFlags.Response | (secure ? MessageFlags.AuthenticData : 0), Opcode.Query, rcode, 1, (ushort)answers.Count, (ushort)authorities.Count, 0).Write(wire);
        return writer.Position;
    }

    private static bool TryWritePlain(ref MessageWriter writer, ResourceRecord record) =>
        writer.TryWriteBytes(record.Owner.Wire)
        && writer.TryWriteUInt16((ushort)record.Type)
        && writer.TryWriteUInt16((ushort)RecordClass.IN)
        && writer.TryWriteUInt32(record.Ttl)
        && writer.TryWriteUInt16((ushort)record.Data.Wire.Length)
        && writer.TryWriteBytes(record.Data.Wire);

    /// <summary>Finds the offset of each record's TTL; false when the message is not one that <see cref="Build"/> could have made.</summary>
    /// <param name="wire">The message.</param>
    /// <param name="nameLength">The length of QNAME.</param>
    /// <param name="offsets">Receives them: one for each record that the header counts.</param>
    public static bool TryFindTtls(ReadOnlySpan<byte> wire, int nameLength, Span<ushort> offsets)
    {
        if (wire.Length < MessageHeader.Length + nameLength + 4 || RDataNames.NameLength(wire[MessageHeader.Length..]) != nameLength)
        {
            return false;
        }

        var reader = new MessageReader(wire, MessageHeader.Length + nameLength + 4);
        for (var i = 0; i < offsets.Length; i++)
        {
            if (!reader.TrySkipName() || !reader.TryReadRecordHeader(out var record))
            {
                return false;
            }

            // TTL and RDLENGTH stand before the data (RFC 1035 §3.2.1).
            offsets[i] = (ushort)(record.DataOffset - 6);
        }

        return reader.AtEnd;
    }
}

using System.Buffers.Binary;

namespace Edge.Dns.Wire;

/// <summary>The twelve bytes every message begins with (RFC 1035 §4.1.1).</summary>
/// <param name="Id">Chosen by the client, copied into the answer.</param>
/// <param name="Flags">The one-bit flags.</param>
/// <param name="Opcode">Kind of query, 0 to 15.</param>
/// <param name="Rcode">The lower four bits of the response code; EDNS holds the rest (RFC 6891 §6.1.3).</param>
/// <param name="QuestionCount">QDCOUNT.</param>
/// <param name="AnswerCount">ANCOUNT.</param>
/// <param name="AuthorityCount">NSCOUNT.</param>
/// <param name="AdditionalCount">ARCOUNT, the OPT record included.</param>
public readonly record struct MessageHeader(
    ushort Id,
    MessageFlags Flags,
    Opcode Opcode,
    Rcode Rcode,
    ushort QuestionCount,
    ushort AnswerCount,
    ushort AuthorityCount,
    ushort AdditionalCount)
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 12;

    private const MessageFlags Known =
        MessageFlags.Response | MessageFlags.Authoritative | MessageFlags.Truncated | MessageFlags.RecursionDesired |
        MessageFlags.RecursionAvailable | MessageFlags.AuthenticData | MessageFlags.CheckingDisabled;

    /// <summary>Reads the first twelve bytes; false when there are fewer.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out MessageHeader header)
    {
        if (message.Length < Length)
        {
            header = default;
            return false;
        }

        var word = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        header = new MessageHeader(
            BinaryPrimitives.ReadUInt16BigEndian(message),
            (MessageFlags)word & Known,
            (Opcode)((word >> 11) & 0xF),
            (Rcode)(word & 0xF),
            BinaryPrimitives.ReadUInt16BigEndian(message[4..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[6..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[8..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[10..]));
        return true;
    }

    /// <summary>Writes the twelve bytes to the front of <paramref name="message"/>; the Z bit is always zero.</summary>
    public void Write(Span<byte> message)
    {
        var word = (ushort)((ushort)Flags | ((int)Opcode << 11) | ((int)Rcode & 0xF));
        BinaryPrimitives.WriteUInt16BigEndian(message, Id);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], word);
        BinaryPrimitives.WriteUInt16BigEndian(message[4..], QuestionCount);
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], AnswerCount);
        BinaryPrimitives.WriteUInt16BigEndian(message[8..], AuthorityCount);
        BinaryPrimitives.WriteUInt16BigEndian(message[10..], AdditionalCount);
    }
}

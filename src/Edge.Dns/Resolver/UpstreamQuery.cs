using System.Buffers.Binary;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>
/// One query as it goes to an upstream, and the test whether a reply is its reply. What a blind forger must guess
/// (RFC 5452 §9): the ID, the source port, and the case of every letter in the name.
/// </summary>
internal sealed class UpstreamQuery
{
    private readonly int _questionEnd;

    // RFC 8467 §4.1: queries are padded to a multiple of 128 bytes.
    private const int PaddingBlock = 128;
    private const int OptionHeader = 4;

    private UpstreamQuery(byte[] wire, int questionEnd, bool hasEdns)
    {
        Wire = wire;
        _questionEnd = questionEnd;
        HasEdns = hasEdns;
    }

    public byte[] Wire { get; }

    public bool HasEdns { get; }

    public ushort Id
    {
        get => BinaryPrimitives.ReadUInt16BigEndian(Wire);
        set => BinaryPrimitives.WriteUInt16BigEndian(Wire, value);
    }

    /// <summary>
    /// A fresh query: recursion desired, CD and DO as the client has them, nothing else of the client's: cookies and
    /// client subnets are between a client and its next hop (RFC 7873 §5, RFC 7871 §11.1).
    /// </summary>
    /// <param name="key">The question.</param>
    /// <param name="withEdns">Whether it has an OPT record.</param>
    /// <param name="padded">Whether its length is hidden, where it is encrypted.</param>
    /// <param name="recursionDesired">False for the servers of a zone, which are asked for what they have themselves.</param>
    /// <param name="mixedCase">False for servers known to send the name back in another case.</param>
    public static UpstreamQuery Create(QuestionKey key, bool withEdns, bool padded = false, bool recursionDesired = true, bool mixedCase = true)
    {
        var questionEnd = MessageHeader.Length + key.Name.Wire.Length + 4;
        var length = questionEnd + (withEdns ? Edns.FixedLength : 0);
        var padding = withEdns && padded ? PaddingBlock - 1 - ((length + OptionHeader - 1) % PaddingBlock) : -1;
        var wire = new byte[length + (padding < 0 ? 0 : OptionHeader + padding)];
        var writer = new MessageWriter(wire);
        writer.TryWriteName(key.Name.Wire);
        Span<byte> coins = stackalloc byte[2 + 32];
        SecretBytes.Fill(coins);
        if (mixedCase)
        {
            RandomiseCase(wire.AsSpan(MessageHeader.Length, key.Name.Wire.Length), coins[2..]);
        }

        writer.TryWriteUInt16((ushort)key.Type);
        writer.TryWriteUInt16((ushort)RecordClass.IN);
        if (withEdns)
        {
            Edns.TryWrite(ref writer, Edns.SafePayloadSize, key.DnssecOk, Rcode.NoError, padding < 0 ? [] : Padding(padding));
        }

        var flags = (recursionDesired ? MessageFlags.RecursionDesired : 0) | (key.CheckingDisabled ? MessageFlags.CheckingDisabled : 0);
        var id = BinaryPrimitives.ReadUInt16BigEndian(coins);
        new MessageHeader(id, flags, Opcode.Query, Rcode.NoError, 1, 0, 0, (ushort)(withEdns ? 1 : 0)).Write(wire);
        return new UpstreamQuery(wire, questionEnd, withEdns);
    }

    /// <summary>Draws another ID.</summary>
    public void ChangeId() => Id = (ushort)SecretBytes.Next();

    public static bool IsTruncated(ReadOnlySpan<byte> message) =>
        MessageHeader.TryRead(message, out var header) && header.Flags.HasFlag(MessageFlags.Truncated);

    /// <summary>What a datagram or a TCP message is to this query.</summary>
    public ReplyMatch Match(ReadOnlySpan<byte> reply)
    {
        if (!MessageHeader.TryRead(reply, out var header) || header.Id != BinaryPrimitives.ReadUInt16BigEndian(Wire)
            || !header.Flags.HasFlag(MessageFlags.Response) || header.Opcode != Opcode.Query)
        {
            return ReplyMatch.Foreign;
        }

        // Servers that do not know EDNS may send the bare header back (RFC 6891 §7).
        if (header.QuestionCount == 0 && header.Rcode is Rcode.FormErr or Rcode.NotImp && reply.Length == MessageHeader.Length)
        {
            return ReplyMatch.Ours;
        }

        if (header.QuestionCount != 1 || reply.Length < _questionEnd)
        {
            return ReplyMatch.Foreign;
        }

        var asked = Wire.AsSpan(MessageHeader.Length, _questionEnd - MessageHeader.Length);
        var echoed = reply.Slice(MessageHeader.Length, asked.Length);
        if (echoed.SequenceEqual(asked))
        {
            return ReplyMatch.Ours;
        }

        return echoed[^4..].SequenceEqual(asked[^4..]) && NameComparison.Equal(echoed[..^4], asked[..^4]) ? ReplyMatch.OtherCase : ReplyMatch.Foreign;
    }

    // RFC 7830 §3: the option's data are zeros.
    private static byte[] Padding(int length) =>
        [0, (byte)EdnsOption.PaddingOption, (byte)(length >> 8), (byte)length, .. new byte[length]];

    private static void RandomiseCase(Span<byte> name, ReadOnlySpan<byte> coins)
    {
        for (var i = 0; i < name.Length; i++)
        {
            // Length bytes are below 64 and so never look like letters.
            if (char.IsAsciiLetter((char)name[i]))
            {
                var upper = (coins[i >> 3] >> (i & 7) & 1) != 0;
                name[i] = (byte)(upper ? name[i] & ~0x20 : name[i] | 0x20);
            }
        }
    }
}

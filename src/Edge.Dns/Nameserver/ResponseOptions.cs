using System.Buffers.Binary;
using Edge.Dns.Wire;

namespace Edge.Dns.Nameserver;

/// <summary>
/// The options that an answer has of this server itself, whoever knew the answer: they are between the client and us
/// (RFC 7873 §3, RFC 5001 §2.3), so none comes from an upstream or a cache.
/// </summary>
internal ref struct ResponseOptions
{
    private const int HeaderLength = 4;

    private readonly Span<byte> _room;
    private int _scopeOffset;

    /// <param name="room">At least <see cref="MaxLength"/> bytes.</param>
    public ResponseOptions(Span<byte> room) => _room = room;

    /// <summary>All options together take no more, in bytes.</summary>
    public const int MaxLength =
        HeaderLength + ServerCookies.ClientLength + ServerCookies.ServerLength + HeaderLength + NameserverOptions.MaxNsid + HeaderLength + 2 + HeaderLength + 20;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>The options in wire form.</summary>
    public readonly ReadOnlySpan<byte> Wire => _room[..Length];

    /// <summary>Adds an option; returns the room for its data.</summary>
    public Span<byte> Add(ushort code, int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_room[Length..], code);
        BinaryPrimitives.WriteUInt16BigEndian(_room[(Length + 2)..], (ushort)length);
        var data = _room.Slice(Length + HeaderLength, length);
        Length += HeaderLength + length;
        return data;
    }

    /// <summary>Adds the client's subnet as the query has it; returns the room for its data (RFC 7871 §7.2.1).</summary>
    public Span<byte> AddSubnet(int length)
    {
        _scopeOffset = Length + HeaderLength + ClientSubnet.ScopeOffset;
        return Add(EdnsOption.ClientSubnetOption, length);
    }

    /// <summary>Says for how many bits of the subnet the answer holds; nothing without one.</summary>
    public readonly void SetScope(int bits)
    {
        if (_scopeOffset > 0)
        {
            _room[_scopeOffset] = (byte)bits;
        }
    }

    /// <summary>Adds the time a connection may rest, in units of 100 ms (RFC 7828 §3.1).</summary>
    public void AddKeepalive(TimeSpan idle) =>
        BinaryPrimitives.WriteUInt16BigEndian(Add(EdnsOption.KeepaliveOption, 2), (ushort)Math.Min(ushort.MaxValue, idle.TotalMilliseconds / 100));

    /// <summary>Puts options behind those of an answer's OPT record, which is its last record; returns the new length.</summary>
    /// <param name="answer">The whole room of the answer.</param>
    /// <param name="length">The answer's length.</param>
    /// <param name="opt">Where its OPT record begins.</param>
    /// <param name="options">In wire form.</param>
    public static int Append(Span<byte> answer, int length, int opt, ReadOnlySpan<byte> options)
    {
        options.CopyTo(answer[length..]);
        length += options.Length;
        BinaryPrimitives.WriteUInt16BigEndian(answer[(opt + Edns.FixedLength - 2)..], (ushort)(length - opt - Edns.FixedLength));
        return length;
    }

    /// <summary>
    /// Fills an answer up to a multiple of 468 bytes, as far as there is room (RFC 8467 §4.1); returns the new length.
    /// </summary>
    public static int Pad(Span<byte> answer, int length, int opt)
    {
        const int Block = 468;
        var padded = Math.Min((length + HeaderLength + Block - 1) / Block * Block, answer.Length);
        if (padded < length + HeaderLength)
        {
            return length;
        }

        var padding = answer[length..padded];
        padding.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(padding, EdnsOption.PaddingOption);
        BinaryPrimitives.WriteUInt16BigEndian(padding[2..], (ushort)(padding.Length - HeaderLength));
        BinaryPrimitives.WriteUInt16BigEndian(answer[(opt + Edns.FixedLength - 2)..], (ushort)(padded - opt - Edns.FixedLength));
        return padded;
    }

    /// <summary>Where the OPT record of an answer begins that has one as its last record; -1 when it has not.</summary>
    public static int FindOpt(ReadOnlySpan<byte> answer)
    {
        MessageHeader.TryRead(answer, out var header);
        var reader = new MessageReader(answer);
        for (var i = 0; i < header.QuestionCount; i++)
        {
            if (!reader.TrySkipName() || !reader.TryReadUInt32(out _))
            {
                return -1;
            }
        }

        var start = -1;
        var last = default(RecordHeader);
        for (var i = header.AnswerCount + header.AuthorityCount + header.AdditionalCount; i > 0; i--)
        {
            start = reader.Offset;
            if (!reader.TrySkipName() || !reader.TryReadRecordHeader(out last))
            {
                return -1;
            }
        }

        return last.Type == RecordType.OPT ? start : -1;
    }

    /// <summary>Puts them into an answer: behind the last record, padding behind the other options (RFC 7830 §3, RFC 8467 §4.1).</summary>
    /// <returns>The length of the answer then.</returns>
    public static int Close(QueryMessage message, in ClientStanding standing, ResponseOptions own, Span<byte> answer, int length, int opt)
    {
        if (!message.HasEdns || (own.Length == 0 && !standing.PadsAnswer))
        {
            return length;
        }

        opt = opt >= 0 ? opt : FindOpt(answer[..length]);
        if (opt < 0 || length + own.Length > answer.Length)
        {
            return length;
        }

        length = Append(answer, length, opt, own.Wire);
        return standing.PadsAnswer ? Pad(answer, length, opt) : length;
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>
/// One answer, ready to be copied to a client: header, question, records, no OPT. Names may be compressed against
/// the question, since a client's question has the same length; only answers that stand for other names as well
/// (<see cref="CoversName"/>) have their names written out. It is a place in a block of many, or in an array of its own
/// while it is fresh; whoever holds it keeps the block alive, and what it says never changes.
/// </summary>
internal readonly struct CachedAnswer
{
    /// <summary>The type under which an NXDOMAIN is kept: it holds for every type (RFC 2308 §5).</summary>
    public const RecordType AnyType = RecordType.None;

    // What lives shorter than this many milliseconds is not worth asking for twice.
    private const uint ShortestRefreshed = 10_000;

    // Heads hold numbers of eight bytes.
    private const int Alignment = 8;

    private readonly byte[] _block;
    private readonly int _offset;

    /// <summary>The one that stands at this place.</summary>
    public CachedAnswer(byte[] block, int offset)
    {
        _block = block;
        _offset = offset;
    }

    /// <summary>A fresh one in an array of its own; its message and the offsets of its TTLs are still to be written.</summary>
    /// <param name="key">The question.</param>
    /// <param name="keyType">The type to keep it under: that of the question, or <see cref="AnyType"/>.</param>
    /// <param name="wireLength">The length of the message.</param>
    /// <param name="ttlCount">The number of its records.</param>
    /// <param name="error">An extended error to tell the client (RFC 8914), as a whole option; empty for none.</param>
    public static CachedAnswer Create(QuestionKey key, RecordType keyType, int wireLength, int ttlCount, ReadOnlySpan<byte> error = default)
    {
        var head = new AnswerHead
        {
            WireLength = checked((ushort)wireLength),
            TtlCount = checked((ushort)ttlCount),
            ErrorLength = checked((ushort)error.Length),
            NameLength = (byte)key.Name.Wire.Length,
            KeyType = (ushort)keyType,
            KeyFlags = key.KeyFlags,
        };
        return Create(head, error);
    }

    /// <summary>The same, with all that stands before it.</summary>
    public static CachedAnswer Create(in AnswerHead head, ReadOnlySpan<byte> error)
    {
        var answer = new CachedAnswer(new byte[LengthOf(head)], 0);
        answer.Head = head;
        error.CopyTo(answer.WritableError);
        return answer;
    }

    /// <summary>Where it begins in its block.</summary>
    public int Offset => _offset;

    /// <summary>What stands before it in its block.</summary>
    public ref AnswerHead Head => ref MemoryMarshal.AsRef<AnswerHead>(_block.AsSpan(_offset, Unsafe.SizeOf<AnswerHead>()));

    /// <summary>All of it, as it is copied into another block.</summary>
    public ReadOnlySpan<byte> Whole => _block.AsSpan(_offset, Length);

    /// <summary>How many bytes it takes in a block.</summary>
    public int Length => LengthOf(Head);

    public ReadOnlySpan<byte> Wire => WritableWire;

    /// <summary>Offset of each record's TTL.</summary>
    public ReadOnlySpan<ushort> TtlOffsets => WritableTtlOffsets;

    /// <summary>An extended error to tell the client (RFC 8914), as a whole option; empty when there is none.</summary>
    public ReadOnlySpan<byte> ExtendedError => WritableError;

    /// <summary>The message, for who makes the answer; nobody else writes.</summary>
    public Span<byte> WritableWire => _block.AsSpan(_offset + Unsafe.SizeOf<AnswerHead>(), Head.WireLength);

    /// <summary>The offsets of the TTLs, for who makes the answer.</summary>
    public Span<ushort> WritableTtlOffsets =>
        MemoryMarshal.Cast<byte, ushort>(_block.AsSpan(_offset + OffsetsAt(Head), Head.TtlCount * sizeof(ushort)));

    /// <summary>Length of QNAME in <see cref="Wire"/>.</summary>
    public int NameLength => Head.NameLength;

    public ReadOnlySpan<byte> Name => WritableWire.Slice(MessageHeader.Length, NameLength);

    public RecordType KeyType => (RecordType)Head.KeyType;

    public byte KeyFlags => Head.KeyFlags;

    public Rcode Rcode => (Rcode)Head.Rcode;

    /// <summary>How long it may be cached in milliseconds; zero when not at all.</summary>
    public long Lifetime => Head.Lifetime;

    /// <summary>How many times in a row the question failed; 0 for an answer that is none.</summary>
    public int Failures => Head.Failures;

    /// <summary>Whether validation is wanted and had not begun when it was learned: then it is forgotten.</summary>
    public bool IsUnjudged => (Head.Bits & AnswerHead.Unjudged) != 0;

    /// <summary>Whether it was asked for more than once.</summary>
    public bool IsInUse => Head.Visited != 0 || (Head.Bits & AnswerHead.InUse) != 0;

    /// <summary>When it was learned, in milliseconds of the cache's clock.</summary>
    public long StoredAt => Head.StoredAt;

    /// <summary>Until when it is fresh.</summary>
    public long ExpiresAt => Head.StoredAt + Head.Lifetime;

    /// <summary>Until then a stale answer is served without asking again (RFC 8767 §5: the failure recheck timer).</summary>
    public long StaleUntil => ExpiresAt + Volatile.Read(ref Head.StaleFor);

    /// <summary>From then on a query makes it be asked anew; never for what fails or ends soon.</summary>
    public long RefreshAt => Head.Failures == 0 && Head.Lifetime >= ShortestRefreshed ? ExpiresAt - (Head.Lifetime / 10) : long.MaxValue;

    public bool CoversName => KeyType == AnyType;

    private Span<byte> WritableError => _block.AsSpan(_offset + OffsetsAt(Head) + (Head.TtlCount * sizeof(ushort)), Head.ErrorLength);

    /// <summary>True for the first who wants it asked anew.</summary>
    public bool TryRefresh() => Interlocked.Exchange(ref Head.Refreshing, 1) == 0;

    public bool IsFor(ReadOnlySpan<byte> name, RecordType type, byte flags) =>
        KeyType == type && KeyFlags == flags && NameComparison.Equal(Name, name);

    private static int LengthOf(in AnswerHead head)
    {
        var length = OffsetsAt(head) + (head.TtlCount * sizeof(ushort)) + head.ErrorLength;
        return (length + Alignment - 1) & -Alignment;
    }

    // Behind a message of odd length one byte is left out.
    private static int OffsetsAt(in AnswerHead head) => Unsafe.SizeOf<AnswerHead>() + ((head.WireLength + 1) & ~1);
}

using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>
/// One answer, ready to be copied to a client: header, question, records, no OPT. Names may be compressed against
/// the question, since a client's question has the same length; only answers that stand for other names as well
/// (<see cref="CoversName"/>) have their names written out.
/// </summary>
internal sealed class CachedAnswer
{
    /// <summary>The type under which an NXDOMAIN is kept: it holds for every type (RFC 2308 §5).</summary>
    public const RecordType AnyType = RecordType.None;

    // The object, the header of its message and the slot in the table, as measured in bytes on 64 bits.
    private const int Overhead = 176;
    private const int ArrayOverhead = 26;

    private static readonly ushort[]?[] OneOffset = new ushort[MessageHeader.Length + 512][];

    private int _refreshing;

    public required byte[] Wire { get; init; }

    /// <summary>Length of QNAME in <see cref="Wire"/>.</summary>
    public required int NameLength { get; init; }

    /// <summary>Offset of each record's TTL. Most answers have one record, and share the array with others of their length.</summary>
    public required ushort[] TtlOffsets
    {
        get;
        init => field = value.Length switch
        {
            0 => [],
            1 when value[0] < OneOffset.Length => OneOffset[value[0]] ??= value,
            _ => value,
        };
    }

    public required RecordType KeyType { get; init; }

    public required byte KeyFlags { get; init; }

    public required Rcode Rcode { get; init; }

    /// <summary>How long it may be cached in milliseconds; zero when not at all.</summary>
    public required long Lifetime { get; init; }

    /// <summary>An extended error to tell the client (RFC 8914), as a whole option; empty when there is none.</summary>
    public byte[] ExtendedError { get; init; } = [];

    /// <summary>Who said it, for the log of queries; null where that is not known. One object for all that one upstream said.</summary>
    public string? From { get; set; }

    /// <summary>Whether nobody was asked: it follows from what is known of names beside it (RFC 8198).</summary>
    public bool IsConcluded { get; set; }

    /// <summary>Whether validation is wanted and had not begun when it was learned: then it is forgotten.</summary>
    public bool IsUnjudged { get; set; }

    /// <summary>How many times in a row the question failed; 0 for an answer that is none.</summary>
    public int Failures { get; init; }

    /// <summary>Set by the cache: when it was learned and until when it is fresh, in milliseconds.</summary>
    public long StoredAt { get; set; }

    public long ExpiresAt { get; set; }

    /// <summary>Until then a stale answer is served without asking again (RFC 8767 §5: the failure recheck timer).</summary>
    public long StaleUntil;

    /// <summary>From then on a query makes it be asked anew; never for what fails or ends soon.</summary>
    public long RefreshAt { get; set; } = long.MaxValue;

    public uint Hash { get; set; }

    /// <summary>The chain of its slot in the table; read without a lock.</summary>
    public volatile CachedAnswer? NextInSlot;

    /// <summary>The queue of the cache, under its lock.</summary>
    public CachedAnswer? Older { get; set; }

    public CachedAnswer? Newer { get; set; }

    /// <summary>Whether it was asked for since the eviction hand last passed.</summary>
    public bool Visited;

    public bool CoversName => KeyType == AnyType;

    public int Cost => Wire.Length + Overhead + (TtlOffsets.Length > 1 ? ArrayOverhead + (TtlOffsets.Length * 2) : 0)
        + (ExtendedError.Length > 0 ? ArrayOverhead + ExtendedError.Length : 0);

    public ReadOnlySpan<byte> Name => Wire.AsSpan(MessageHeader.Length, NameLength);

    /// <summary>True for the first who wants it asked anew.</summary>
    public bool TryRefresh() => Interlocked.Exchange(ref _refreshing, 1) == 0;

    public bool IsFor(ReadOnlySpan<byte> name, RecordType type, byte flags) =>
        KeyType == type && KeyFlags == flags && NameComparison.Equal(Name, name);
}

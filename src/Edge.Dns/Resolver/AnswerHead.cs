using System.Runtime.InteropServices;

namespace Edge.Dns.Resolver;

/// <summary>What stands before an answer in its block. Behind it come the message, the offsets of its TTLs and the extended error.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AnswerHead
{
    /// <summary>Of <see cref="Bits"/>: validation is wanted and had not begun when it was learned.</summary>
    public const byte Unjudged = 1;

    /// <summary>Of <see cref="Bits"/>: it is in no chain any more.</summary>
    public const byte Gone = 2;

    /// <summary>Of <see cref="Bits"/>: it was asked for more than once, and stands among those.</summary>
    public const byte InUse = 4;

    public long StoredAt;

    /// <summary>In milliseconds.</summary>
    public uint Lifetime;

    /// <summary>How many milliseconds after its end it is served without asking again.</summary>
    public uint StaleFor;

    public uint Hash;

    /// <summary>The position of the next one in its chain; read without a lock.</summary>
    public uint Next;

    public ushort WireLength;

    public ushort TtlCount;

    public ushort ErrorLength;

    public ushort KeyType;

    public ushort Rcode;

    public byte KeyFlags;

    public byte NameLength;

    public byte Failures;

    /// <summary>Not zero when it was asked for since the hand of eviction last passed.</summary>
    public byte Visited;

    /// <summary>Not zero when somebody has taken it upon himself to ask anew.</summary>
    public byte Refreshing;

    /// <summary>Written under the lock of the cache only.</summary>
    public byte Bits;
}

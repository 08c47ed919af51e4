using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Edge.Dns.Nameserver;

/// <summary>
/// Answers given before, found again by the query's own bytes: the same bytes in the same view of the same zones have
/// the same answer but for its ID. One table for all threads; nobody waits: a reader looks at a place's version before
/// and after, a writer who meets another one leaves it. What is asked again stays, what is asked once does not drive it out.
/// </summary>
internal sealed unsafe class AnswerMemory
{
    /// <summary>A place in the table: this header, then the query and the answer, both without their IDs.</summary>
    private struct Header
    {
        // Odd while it is written.
        public int Version;
        public int Snapshot;
        public int Second;
        public ushort QueryLength;
        public ushort AnswerLength;
        public ushort View;
    }

    private const int IdLength = 2;
    private const int PlaceSize = 512;
    private const int Ways = 8;
    private const uint AllWays = (1u << Ways) - 1;
    private const int Sets = 1 << 12;
    private const int HeaderSize = 20;
    private const int ShortestQuery = 17;

    /// <summary>The most that is remembered of a query and its answer together; signed answers of usual length fit.</summary>
    public const int LongestPair = PlaceSize - HeaderSize + (2 * IdLength);

    // Signatures are renewed long before they end, but by the clock and not by a change of the zone.
    private const int SecondsKept = 60;

    // From here on the misses of the address translation cost more than the memory that large pages take.
    private const int ManyFilled = 2048;

    private readonly TimeProvider _time;
    private readonly long _began;

    // The bytes live, and stay where they are, as long as this does.
    private readonly byte[] _memory = GC.AllocateArray<byte>((PlaceSize * Ways * Sets) + HugePages.Size, pinned: true);
    private readonly byte* _places;

    // Which places of a set may hold a query: parts of the hashes, side by side, 0 where nothing was ever kept.
    private readonly uint[] _tags = GC.AllocateArray<uint>(Ways * Sets, pinned: true);
    private readonly uint* _firstTag;

    // A bit for each place of a set that was asked for, and above them the second in which all were forgotten last.
    private readonly uint[] _used = new uint[Sets];

    // What was asked last in a set and found no place: it gets one when it is asked again.
    private readonly uint[] _refused = new uint[Sets];
    private int _filled;
    private int _second;

    public AnswerMemory(TimeProvider time)
    {
        _time = time;
        _began = time.GetTimestamp();
        var start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_memory));
        _places = (byte*)((start + HugePages.Size - 1) & -HugePages.Size);
        _firstTag = (uint*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_tags));
    }

    /// <summary>Takes note of the time; once for many queries.</summary>
    public void Renew() => _second = (int)_time.GetElapsedTime(_began).TotalSeconds;

    /// <summary>The key of a query, whose place is fetched into the cache meanwhile; 0 when such a query is not remembered.</summary>
    public ulong Anticipate(ReadOnlySpan<byte> query)
    {
        if (query.Length is < ShortestQuery or > LongestPair / 2)
        {
            return 0;
        }

        var key = Hash(query[IdLength..]) | 1;
        var ways = WaysOf(key);
        if (Sse.IsSupported && ways != 0)
        {
            var place = (byte*)Place(key, BitOperations.TrailingZeroCount(ways));
            Sse.Prefetch0(place);
            Sse.Prefetch0(place + 64);
            Sse.Prefetch0(place + 128);
        }

        return key;
    }

    /// <summary>Writes the answer given before, under this query's ID.</summary>
    /// <param name="key">What <see cref="Anticipate"/> said.</param>
    /// <param name="snapshot">The number of the zones and views served now.</param>
    /// <param name="view">The view of the client.</param>
    /// <param name="query">The query.</param>
    /// <param name="answer">Receives the answer.</param>
    /// <param name="length">Its length.</param>
    public bool TryRecall(ulong key, int snapshot, int view, ReadOnlySpan<byte> query, Span<byte> answer, out int length)
    {
        for (var ways = WaysOf(key); ways != 0; ways &= ways - 1)
        {
            var way = BitOperations.TrailingZeroCount(ways);
            var place = Place(key, way);
            var version = Volatile.Read(ref place->Version);
            if (place->Snapshot != snapshot || place->View != view || place->QueryLength != query.Length - IdLength
                || _second - place->Second > SecondsKept || (version & 1) != 0)
            {
                continue;
            }

            var bytes = (byte*)place + HeaderSize;
            length = place->AnswerLength + IdLength;
            if (query.Length + length > LongestPair || length > answer.Length || !query[IdLength..].SequenceEqual(new ReadOnlySpan<byte>(bytes, query.Length - IdLength)))
            {
                continue;
            }

            new ReadOnlySpan<byte>(bytes + query.Length - IdLength, length - IdLength).CopyTo(answer[IdLength..]);
            Volatile.ReadBarrier();
            if (place->Version == version)
            {
                query[..IdLength].CopyTo(answer);
                Use(key, way);
                return true;
            }
        }

        length = 0;
        return false;
    }

    /// <summary>Remembers an answer, if there is a place for it.</summary>
    public void Keep(ulong key, int snapshot, int view, ReadOnlySpan<byte> query, ReadOnlySpan<byte> answer)
    {
        var way = query.Length + answer.Length > LongestPair ? -1 : Choose(key, view);
        if (way < 0)
        {
            return;
        }

        var place = Place(key, way);
        var version = place->Version;
        if ((version & 1) != 0 || Interlocked.CompareExchange(ref place->Version, version + 1, version) != version)
        {
            return;
        }

        ref var tag = ref _firstTag[(SetOf(key) * Ways) + way];
        if (tag == 0 && Interlocked.Increment(ref _filled) == ManyFilled)
        {
            HugePages.Advise(_places, PlaceSize * Ways * Sets);
        }

        tag = TagOf(key);
        place->Snapshot = snapshot;
        place->View = (ushort)view;
        place->Second = _second;
        place->QueryLength = (ushort)(query.Length - IdLength);
        place->AnswerLength = (ushort)(answer.Length - IdLength);
        var bytes = (byte*)place + HeaderSize;
        query[IdLength..].CopyTo(new Span<byte>(bytes, query.Length - IdLength));
        answer[IdLength..].CopyTo(new Span<byte>(bytes + query.Length - IdLength, answer.Length - IdLength));
        Volatile.Write(ref place->Version, version + 2);
        Use(key, way);
    }

    // The place of the same query, or one that is free, or one that nobody asked for lately; else, for a query that was
    // refused just before, any of the set's own. -1 for none: but once in a second all of a full set have to be asked for again.
    private int Choose(ulong key, int view)
    {
        for (var ways = WaysOf(key); ways != 0; ways &= ways - 1)
        {
            var way = BitOperations.TrailingZeroCount(ways);
            if (Place(key, way)->View == view)
            {
                return way;
            }
        }

        var free = MatchingWays(key, 0);
        free = free != 0 ? free : ~_used[SetOf(key)] & AllWays;
        if (free != 0)
        {
            return BitOperations.TrailingZeroCount(free);
        }

        ref var used = ref _used[SetOf(key)];
        if (used >> Ways != ((uint)_second & (uint.MaxValue >> Ways)))
        {
            used = (uint)_second << Ways;
        }

        ref var refused = ref _refused[SetOf(key)];
        if (refused != TagOf(key))
        {
            refused = TagOf(key);
            return -1;
        }

        return (int)(key >> 61);
    }

    // Two threads that note something at once may lose one of the two notes: a place is given away too early then.
    private void Use(ulong key, int way)
    {
        ref var used = ref _used[SetOf(key)];
        var bit = 1u << way;
        if ((used & bit) == 0)
        {
            used |= bit;
        }
    }

    private Header* Place(ulong key, int way) => (Header*)(_places + (((SetOf(key) * Ways) + way) * PlaceSize));

    // One bit for each way of its set that may hold the query.
    private uint WaysOf(ulong key) => MatchingWays(key, TagOf(key));

    private uint MatchingWays(ulong key, uint tag)
    {
        var tags = _firstTag + (SetOf(key) * Ways);
        var wanted = Vector128.Create(tag);
        return Vector128.Equals(Vector128.Load(tags), wanted).ExtractMostSignificantBits()
            | (Vector128.Equals(Vector128.Load(tags + Vector128<uint>.Count), wanted).ExtractMostSignificantBits() << Vector128<uint>.Count);
    }

    private static uint TagOf(ulong key) => (uint)(key >> 32) | 1;

    private static int SetOf(ulong key) => (int)(key >> 1) & (Sets - 1);

    // Multiplied and folded, eight bytes at a time. Whoever finds queries that meet in one place slows down only those.
    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        const ulong First = 0x9E3779B97F4A7C15, Second = 0xD6E8FEB86659FD93;
        ref var start = ref MemoryMarshal.GetReference(bytes);
        var hash = (ulong)bytes.Length * First;
        for (var at = 0; at < bytes.Length - sizeof(ulong); at += sizeof(ulong))
        {
            hash = (hash ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, at))) * Second;
            hash ^= hash >> 32;
        }

        hash = (hash ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, bytes.Length - sizeof(ulong)))) * First;
        return hash ^ (hash >> 29);
    }
}

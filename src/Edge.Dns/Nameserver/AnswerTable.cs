using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Edge.Dns.Nameserver;

/// <summary>
/// Places of one size for queries and their answers, in sets of eight. Nobody waits: a reader looks at a place's version
/// before and after, a writer who meets another one leaves it. What is asked again stays; what is asked once does not
/// drive it out.
/// </summary>
internal sealed unsafe class AnswerTable
{
    /// <summary>What a place begins with; the query and the answer follow, both without their IDs.</summary>
    private struct Header
    {
        // Odd while it is written.
        public int Version;
        public int Snapshot;
        public int Second;
        public ushort QueryLength;
        public ushort AnswerLength;
        public ushort View;
        public byte GoodFor;
        public byte Ageing;
    }

    private const int Ways = 8;
    private const uint AllWays = (1u << Ways) - 1;
    private const int HeaderSize = 20;
    private const int CacheLine = 64;

    // From this part of the places on, misses of the address translation cost more than the memory that large pages take.
    private const int FewFilled = 16;

    private readonly int _placeSize;
    private readonly int _sets;

    // The bytes live, and stay where they are, as long as this does.
    private readonly ZeroedMemory _memory;
    private readonly byte* _places;

    // Which places of a set may hold a query: parts of the hashes, side by side, 0 where nothing was ever kept.
    private readonly ushort[] _tags;
    private readonly ushort* _firstTag;

    // A bit for each place of a set that was asked for, and above them the second in which all were forgotten last.
    private readonly uint[] _used;

    // What was asked last in a set and found no place: it gets one when it is asked again.
    private readonly ushort[] _refused;
    private int _filled;

    /// <param name="placeSize">Bytes for a query, its answer and what is known of them.</param>
    /// <param name="sets">Sets of eight places; a power of two.</param>
    public AnswerTable(int placeSize, int sets)
    {
        (_placeSize, _sets) = (placeSize, sets);
        _memory = new ZeroedMemory((placeSize * Ways * sets) + HugePages.Size);
        _places = (byte*)(((nint)_memory.Start + HugePages.Size - 1) & -HugePages.Size);
        _tags = GC.AllocateArray<ushort>(Ways * sets, pinned: true);
        _firstTag = (ushort*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_tags));
        _used = new uint[sets];
        _refused = new ushort[sets];
    }

    /// <summary>The most that a query and its answer may have together, without their IDs.</summary>
    public int LongestPair => _placeSize - HeaderSize;

    /// <summary>Has the place that may hold a query fetched into the cache; false when none may.</summary>
    public bool TryFetch(ulong key)
    {
        var ways = WaysOf(key);
        if (Sse.IsSupported && ways != 0)
        {
            var place = (byte*)Place(key, BitOperations.TrailingZeroCount(ways));
            Sse.Prefetch0(place);
            Sse.Prefetch0(place + CacheLine);
            Sse.Prefetch0(place + (2 * CacheLine));
        }

        return ways != 0;
    }

    /// <summary>Writes the answer to a query, if it is here; <paramref name="ages"/> for one whose times to live got shorter.</summary>
    public bool TryRecall(ulong key, int snapshot, int view, int second, ReadOnlySpan<byte> query, Span<byte> answer, out int length, out bool ages)
    {
        for (var ways = WaysOf(key); ways != 0; ways &= ways - 1)
        {
            var way = BitOperations.TrailingZeroCount(ways);
            var place = Place(key, way);
            var version = Volatile.Read(ref place->Version);
            if (place->Snapshot != snapshot || place->View != view || place->QueryLength != query.Length || IsOld(second, place) || (version & 1) != 0)
            {
                continue;
            }

            var bytes = (byte*)place + HeaderSize;
            length = place->AnswerLength;
            ages = place->Ageing != 0;
            if (Room(query.Length, length, place->Ageing) > LongestPair || length > answer.Length || !query.SequenceEqual(new ReadOnlySpan<byte>(bytes, query.Length)))
            {
                continue;
            }

            new ReadOnlySpan<byte>(bytes + query.Length, length).CopyTo(answer);
            if (ages)
            {
                Shorten(answer[..length], bytes + query.Length + length, place->Ageing, second - place->Second);
            }

            Volatile.ReadBarrier();
            if (place->Version == version)
            {
                Use(key, way);
                return true;
            }
        }

        length = 0;
        ages = false;
        return false;
    }

    /// <summary>What a query, its answer and the offsets of times to live take of <see cref="LongestPair"/>.</summary>
    public static int Room(int query, int answer, int offsets) => query + answer + (offsets * sizeof(ushort));

    /// <summary>Keeps an answer, if there is a place for it. <see cref="Room"/> is at most <see cref="LongestPair"/>.</summary>
    public void Keep(ulong key, int snapshot, int view, int second, ReadOnlySpan<byte> query, ReadOnlySpan<byte> answer, in AnswerAge age)
    {
        var way = Choose(key, view, second);
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
        if (tag == 0 && Interlocked.Increment(ref _filled) == Ways * _sets / FewFilled)
        {
            HugePages.Advise(_places, _placeSize * Ways * _sets);
        }

        tag = TagOf(key);
        place->Snapshot = snapshot;
        place->View = (ushort)view;
        place->Second = second;
        place->QueryLength = (ushort)query.Length;
        place->AnswerLength = (ushort)answer.Length;
        place->GoodFor = (byte)age.Seconds;
        place->Ageing = (byte)age.Count;
        var bytes = (byte*)place + HeaderSize;
        query.CopyTo(new Span<byte>(bytes, query.Length));
        answer.CopyTo(new Span<byte>(bytes + query.Length, answer.Length));
        MemoryMarshal.AsBytes(age.Offsets).CopyTo(new Span<byte>(bytes + query.Length + answer.Length, age.Count * sizeof(ushort)));
        Volatile.Write(ref place->Version, version + 2);
        Use(key, way);
    }

    // The place of the same query, or one that is free, or one that nobody asked for lately; else, for a query that was
    // refused just before, any of the set's own. -1 for none: but once in a second all of a full set have to be asked for again.
    private int Choose(ulong key, int view, int second)
    {
        for (var ways = WaysOf(key); ways != 0; ways &= ways - 1)
        {
            var way = BitOperations.TrailingZeroCount(ways);
            if (Place(key, way)->View == view)
            {
                return way;
            }
        }

        ref var used = ref _used[SetOf(key)];
        var free = MatchingWays(key, 0);
        free = free != 0 ? free : ~used & AllWays;
        if (free != 0)
        {
            return BitOperations.TrailingZeroCount(free);
        }

        if (used >> Ways != ((uint)second & (uint.MaxValue >> Ways)))
        {
            used = (uint)second << Ways;
        }

        ref var refused = ref _refused[SetOf(key)];
        if (refused != TagOf(key))
        {
            refused = TagOf(key);
            return -1;
        }

        return (int)(key >> 61);
    }

    // A clock that was set back makes all old that was kept before.
    private static bool IsOld(int second, Header* place) => unchecked((uint)(second - place->Second)) > place->GoodFor;

    // Offsets count from the ID, which is not kept. A writer in between may leave anything here; what came of it is thrown away then.
    private static void Shorten(Span<byte> answer, byte* offsets, int count, int seconds)
    {
        for (var i = 0; i < count; i++)
        {
            var offset = Unsafe.ReadUnaligned<ushort>(offsets + (i * sizeof(ushort))) - AnswerMemory.IdLength;
            if ((uint)offset > (uint)(answer.Length - sizeof(uint)))
            {
                return;
            }

            AnswerAge.Shorten(answer, offset, (uint)seconds);
        }
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

    private Header* Place(ulong key, int way) => (Header*)(_places + (((SetOf(key) * Ways) + way) * _placeSize));

    // One bit for each way of its set that may hold the query.
    private uint WaysOf(ulong key) => MatchingWays(key, TagOf(key));

    private uint MatchingWays(ulong key, ushort tag) =>
        Vector128.Equals(Vector128.Load(_firstTag + (SetOf(key) * Ways)), Vector128.Create(tag)).ExtractMostSignificantBits();

    private static ushort TagOf(ulong key) => (ushort)((key >> 32) | 1);

    private int SetOf(ulong key) => (int)(key >> 1) & (_sets - 1);
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Edge.Dns.Nameserver;

/// <summary>
/// Answers given before, found again by the query's own bytes: the same bytes in the same view of the same zones have
/// the same answer but for its ID, and for the times to live of what comes from others. One memory for all threads.
/// </summary>
internal sealed class AnswerMemory
{
    public const int IdLength = 2;
    private const int ShortestQuery = 17;

    // Plain answers of usual length fit into the first, signed ones into the second: 24 MiB when both are full.
    private readonly AnswerTable _short = new(placeSize: 256, sets: 1 << 13);
    private readonly AnswerTable _long = new(placeSize: 512, sets: 1 << 11);
    private int _second;

    /// <summary>The most that is remembered of a query and its answer together, in bytes.</summary>
    public int LongestPair => _long.LongestPair + (2 * IdLength);

    /// <summary>Takes note of the time, once for many queries: the wall clock, which has gone on when the machine has slept.</summary>
    public void Renew(DateTimeOffset now) => _second = unchecked((int)now.ToUnixTimeSeconds());

    /// <summary>The key of a query, whose answer is fetched into the cache meanwhile; 0 when such a query is not remembered.</summary>
    public ulong Anticipate(ReadOnlySpan<byte> query)
    {
        if (query.Length < ShortestQuery || query.Length > LongestPair / 2)
        {
            return 0;
        }

        var key = Hash(query[IdLength..]) | 1;
        if (!_short.TryFetch(key))
        {
            _long.TryFetch(key);
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
    /// <param name="ages">Whether it came from the resolver's cache.</param>
    public bool TryRecall(ulong key, int snapshot, int view, ReadOnlySpan<byte> query, Span<byte> answer, out int length, out bool ages)
    {
        var asked = query[IdLength..];
        var room = answer[IdLength..];
        if (!_short.TryRecall(key, snapshot, view, _second, asked, room, out length, out ages)
            && !_long.TryRecall(key, snapshot, view, _second, asked, room, out length, out ages))
        {
            return false;
        }

        query[..IdLength].CopyTo(answer);
        length += IdLength;
        return true;
    }

    /// <summary>Remembers an answer, if there is a place for it.</summary>
    public void Keep(ulong key, int snapshot, int view, ReadOnlySpan<byte> query, ReadOnlySpan<byte> answer, in AnswerAge age)
    {
        var room = AnswerTable.Room(query.Length - IdLength, answer.Length - IdLength, age.Count);
        var table = room <= _short.LongestPair ? _short : _long;
        if (room <= _long.LongestPair)
        {
            table.Keep(key, snapshot, view, _second, query[IdLength..], answer[IdLength..], age);
        }
    }

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

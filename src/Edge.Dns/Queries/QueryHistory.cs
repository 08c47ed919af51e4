using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Edge.Dns.Queries;

/// <summary>
/// The queries of the last hour in the order they were drained, packed into chunks, within a budget of bytes. What is
/// too old is wiped, not only passed over. Not for several threads at once.
/// </summary>
internal sealed class QueryHistory
{
    private const int ChunkLength = 64 * 1024;
    private const int Prefix = sizeof(ushort);

    // The sequence is of no use here.
    private const int Skipped = sizeof(long);

    private readonly List<byte[]> _chunks = [];
    private int _budget;
    private int _start;
    private int _end = ChunkLength;

    /// <summary>The most bytes that it takes.</summary>
    public int Budget
    {
        get => _budget;
        set
        {
            _budget = value;
            while (_chunks.Count > 0 && Bytes > _budget)
            {
                DropFirst();
            }
        }
    }

    /// <summary>The bytes that it takes now.</summary>
    public int Bytes => _chunks.Count * ChunkLength;

    /// <summary>The queries that it holds.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a query; the oldest ones go if there is no room.</summary>
    public void Append(ref QuerySlot slot)
    {
        var used = BytesOf(ref slot)[..(QuerySlot.HeadLength + slot.NameLength + slot.AnswerLength)][Skipped..];
        if (_end + Prefix + used.Length > ChunkLength && !TryExtend())
        {
            return;
        }

        var room = _chunks[^1].AsSpan(_end);
        BinaryPrimitives.WriteUInt16LittleEndian(room, (ushort)used.Length);
        used.CopyTo(room[Prefix..]);
        _end += Prefix + used.Length;
        Count++;
    }

    /// <summary>Forgets what came before that time, in ticks of UTC.</summary>
    public void Expire(long before)
    {
        while (_chunks.Count > 0)
        {
            var chunk = _chunks[0];
            var length = NextLength(chunk, _start, _chunks.Count == 1 ? _end : ChunkLength);
            if (length == 0)
            {
                // The last chunk is not given back before it is full: an empty house would make one after the other.
                if (_chunks.Count == 1)
                {
                    return;
                }

                DropFirst();
                continue;
            }

            QuerySlot slot = default;
            Load(chunk, _start, length, ref slot);
            if (slot.Time >= before)
            {
                return;
            }

            chunk.AsSpan(_start, Prefix + length).Clear();
            _start += Prefix + length;
            Count--;
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _chunks.Clear();
        (_start, _end, Count) = (0, ChunkLength, 0);
    }

    /// <summary>The latest queries that are wanted, the latest last.</summary>
    public List<RecordedQuery> Find(QueryFilter filter, QueryWords words)
    {
        var found = new List<RecordedQuery>();
        var offsets = new List<int>();
        for (var i = _chunks.Count - 1; i >= 0 && found.Count < filter.Limit; i--)
        {
            var chunk = _chunks[i];
            var end = i == _chunks.Count - 1 ? _end : ChunkLength;
            offsets.Clear();
            for (var at = i == 0 ? _start : 0; NextLength(chunk, at, end) is var length and > 0; at += Prefix + length)
            {
                offsets.Add(at);
            }

            for (var j = offsets.Count - 1; j >= 0 && found.Count < filter.Limit; j--)
            {
                QuerySlot slot = default;
                Load(chunk, offsets[j], NextLength(chunk, offsets[j], end), ref slot);
                if (filter.Takes(ref slot))
                {
                    found.Add(words.Read(ref slot));
                }
            }
        }

        // Each ring was read for itself.
        found.Reverse();
        return [.. found.OrderBy(query => query.Time)];
    }

    private static int NextLength(byte[] chunk, int at, int end) => at + Prefix > end ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(chunk.AsSpan(at));

    private static void Load(byte[] chunk, int at, int length, ref QuerySlot slot) => chunk.AsSpan(at + Prefix, length).CopyTo(BytesOf(ref slot)[Skipped..]);

    private static Span<byte> BytesOf(ref QuerySlot slot) => MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref slot, 1));

    private bool TryExtend()
    {
        var chunk = (byte[]?)null;
        if (_chunks.Count > 0 && Bytes + ChunkLength > _budget)
        {
            chunk = _chunks[0];
            DropFirst();
            chunk.AsSpan().Clear();
        }

        if (Bytes + ChunkLength > _budget)
        {
            return false;
        }

        _chunks.Add(chunk ?? new byte[ChunkLength]);
        _end = 0;
        if (_chunks.Count == 1)
        {
            _start = 0;
        }

        return true;
    }

    private void DropFirst()
    {
        var chunk = _chunks[0];
        var end = _chunks.Count == 1 ? _end : ChunkLength;
        for (var at = _start; NextLength(chunk, at, end) is var length and > 0; at += Prefix + length)
        {
            Count--;
        }

        _chunks.RemoveAt(0);
        _start = 0;
        if (_chunks.Count == 0)
        {
            _end = ChunkLength;
        }
    }
}

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Edge.Dns.Wire;

namespace Edge.Dns.Queries;

/// <summary>
/// The memory of a ring: entries of one size that are written over, the oldest first. Who reads copies an entry and
/// looks at its sequence before and after, so that nobody who writes ever waits.
/// </summary>
internal sealed unsafe class QuerySlots
{
    /// <summary>Entries of a ring; a power of two.</summary>
    public const int Count = 1024;

    /// <summary>Bytes of a ring.</summary>
    public const int Bytes = Count * QuerySlot.Length;

    /// <summary>The sequence of a slot that is being written.</summary>
    public const long Writing = -1;

    private const int CacheLine = 64;
    private const int QuestionRest = 4;

    // The bytes live, and stay where they are, as long as this does.
    private readonly byte[] _memory = GC.AllocateArray<byte>(Bytes + CacheLine, pinned: true);
    private readonly QuerySlot* _first;
    private long _next;

    public QuerySlots()
    {
        var start = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_memory));
        _first = (QuerySlot*)((start + CacheLine - 1) & ~(nuint)(CacheLine - 1));
    }

    /// <summary>The entry that is written next, counted from 0.</summary>
    public ref long Next => ref _next;

    /// <summary>The slot of an entry.</summary>
    public QuerySlot* this[long entry] => _first + (entry & (Count - 1));

    /// <summary>Fills in everything but the sequence and the latency.</summary>
    public static void Fill(QuerySlot* slot, ReadOnlySpan<byte> query, ReadOnlySpan<byte> answer, UInt128 client, byte transport, QueryNotes notes, ushort source, long time)
    {
        slot->Time = time;
        slot->Client = client;
        slot->Source = source;
        slot->View = (byte)notes.View;
        slot->Transport = transport;
        slot->By = notes.By;
        slot->Header = answer.Length >= MessageHeader.Length ? BinaryPrimitives.ReadUInt64BigEndian(answer[2..]) : 0;
        var length = query.Length > MessageHeader.Length ? RDataNames.NameLength(query[MessageHeader.Length..]) : -1;
        if (length < 0 || query.Length < MessageHeader.Length + length + QuestionRest)
        {
            slot->Type = 0;
            slot->NameLength = slot->AnswerLength = slot->Flags = 0;
            return;
        }

        var name = query.Slice(MessageHeader.Length, length);
        slot->Type = BinaryPrimitives.ReadUInt16BigEndian(query[(MessageHeader.Length + length)..]);
        slot->Flags = 0;
        if (length > QuerySlot.LongestName)
        {
            name = End(name);
            slot->Flags = QuerySlot.NameIsCut;
        }

        var tail = new Span<byte>(slot->Tail, QuerySlot.TailLength);
        name.CopyTo(tail);
        slot->NameLength = (byte)name.Length;
        var begin = MessageHeader.Length + length + QuestionRest;
        var kept = Math.Min(Math.Min(answer.Length - begin, QuerySlot.LongestAnswer), QuerySlot.TailLength - name.Length);
        slot->AnswerLength = (byte)Math.Max(kept, 0);
        if (kept > 0)
        {
            answer.Slice(begin, kept).CopyTo(tail[name.Length..]);
        }
    }

    /// <summary>Copies an entry; false when it is being written, was written over, or is not there yet.</summary>
    public bool TryRead(long entry, out QuerySlot copy)
    {
        var slot = this[entry];
        var sequence = Volatile.Read(ref slot->Sequence);
        copy = *slot;
        Volatile.ReadBarrier();
        return sequence == entry + 1 && slot->Sequence == sequence;
    }

    /// <summary>Leaves nothing of the queries it held.</summary>
    public void Wipe() => Array.Clear(_memory);

    /// <summary>Whether an entry is claimed, and its writer not done with it.</summary>
    public bool IsPending(long entry) => Volatile.Read(ref this[entry]->Sequence) is var sequence && (sequence == Writing || sequence <= entry);

    // Whole labels, so that what is left is a name: that of the domain, which matters more than the host's.
    private static ReadOnlySpan<byte> End(ReadOnlySpan<byte> name)
    {
        while (name.Length > QuerySlot.LongestName)
        {
            name = name[(name[0] + 1)..];
        }

        return name;
    }
}

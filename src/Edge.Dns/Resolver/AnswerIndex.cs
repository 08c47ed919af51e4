using System.Numerics;
using System.Security.Cryptography;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>
/// Where the chains of answers begin, and beside it parts of the hashes of those that were pushed out before anybody
/// asked for them again. It grows with the answers: a few of them in a large table would each cost a trip to memory.
/// </summary>
internal sealed class AnswerIndex(long maxBytes)
{
    private const int Fewest = 256;
    private const int SlotCost = sizeof(uint) + sizeof(ushort);

    // A secret start keeps clients from choosing names that all fall into one slot.
    private readonly ulong _seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    private uint[] _slots = new uint[Fewest];
    private ushort[] _pushedOut = new ushort[Fewest];

    /// <summary>What it takes.</summary>
    public long Bytes => CostOf(_slots.Length);

    /// <summary>What it takes once it is larger.</summary>
    public long NextBytes => CostOf(_slots.Length * 2);

    /// <summary>Whether so many answers want a larger one, and it may be.</summary>
    public bool IsFull(int count) => count >= _slots.Length && NextBytes <= maxBytes;

    public uint HashOf(ReadOnlySpan<byte> name, RecordType type, byte flags)
    {
        var hash = _seed ^ ((ulong)type << 8) ^ flags;
        foreach (var b in name)
        {
            hash = (hash ^ NameComparison.Lower(b)) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 29;
        }

        return (uint)(hash ^ (hash >> 32));
    }

    /// <summary>The position of the first answer in the chain of a hash; 0 for none. Takes no lock.</summary>
    public uint First(uint hash)
    {
        var slots = Volatile.Read(ref _slots);
        return Volatile.Read(ref slots[hash & (uint)(slots.Length - 1)]);
    }

    /// <summary>The same for the writer.</summary>
    public ref uint Slot(uint hash) => ref _slots[hash & (uint)(_slots.Length - 1)];

    /// <summary>Doubles the slots. The new ones are empty; readers have the old ones until <see cref="Publish"/>.</summary>
    public uint[] Larger() => new uint[(int)BitOperations.RoundUpToPowerOf2((uint)_slots.Length + 1)];

    /// <summary>Takes other slots.</summary>
    public void Publish(uint[] slots)
    {
        Volatile.Write(ref _slots, slots);
        _pushedOut = new ushort[slots.Length];
    }

    /// <summary>Remembers that an answer was pushed out. Another one may be forgotten for it.</summary>
    public void Remember(uint hash) => PushedOut(hash) = PartOf(hash);

    /// <summary>Whether it was pushed out lately; now it comes back, and is forgotten here.</summary>
    public bool Recalls(uint hash)
    {
        ref var kept = ref PushedOut(hash);
        var recalls = kept == PartOf(hash);
        kept = recalls ? (ushort)0 : kept;
        return recalls;
    }

    private ref ushort PushedOut(uint hash) => ref _pushedOut[hash & (uint)(_pushedOut.Length - 1)];

    // Never 0, which stands for none. The slot tells the lower bits.
    private static ushort PartOf(uint hash) => (ushort)((hash >> 16) | 1);

    private static long CostOf(int slots) => (long)slots * SlotCost;
}

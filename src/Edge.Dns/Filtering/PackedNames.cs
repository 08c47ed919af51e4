namespace Edge.Dns.Filtering;

/// <summary>
/// Many names, each with a number, in memory that the garbage collector does not walk: the names one behind the
/// other, and a hash table that finds them. A name that is found was compared byte by byte, so nothing is found by
/// chance. A small table of bits in front says of most names at once that nothing is known of their domain. A million
/// names of the usual 20 letters take some 39 MB.
/// </summary>
internal sealed unsafe class PackedNames
{
    /// <summary>The value of a name stands before it.</summary>
    internal const int ValueBytes = 3;

    private readonly byte* _names;
    private readonly long _nameBytes;
    private readonly ulong* _slots;
    private readonly uint _slotCount;
    private readonly ulong* _domains;
    private readonly uint _domainBits;

    internal PackedNames(byte* names, long nameBytes, ulong* slots, uint slotCount, ulong* domains, uint domainBits, int count, bool hasTopLevel)
    {
        _names = names;
        _slots = slots;
        _domains = domains;
        (_nameBytes, _slotCount, _domainBits, Count, HasTopLevel) = (nameBytes, slotCount, domainBits, count, hasTopLevel);
        Bytes = nameBytes + (slotCount * (long)sizeof(ulong)) + (domainBits / 8);
        GC.AddMemoryPressure(Bytes);
    }

    ~PackedNames()
    {
        // Whoever still reads it holds it: the memory goes with the last snapshot.
        GC.RemoveMemoryPressure(Bytes);
        PageMemory.Free(_names, _nameBytes);
        PageMemory.Free(_slots, _slotCount * (long)sizeof(ulong));
        PageMemory.Free(_domains, _domainBits / 8);
    }

    /// <summary>Names in it.</summary>
    public int Count { get; }

    /// <summary>Bytes it takes.</summary>
    public long Bytes { get; }

    /// <summary>Whether a name of one label is in it.</summary>
    public bool HasTopLevel { get; }

    /// <summary>Whether there may be a name at or below the last two labels of this one; false is certain.</summary>
    public bool MayHaveDomain(ref readonly NameKeys keys)
    {
        var bit = DomainBit(keys.Hash(keys.Labels - 2), _domainBits);
        var may = (_domains[bit >> 6] >> (int)(bit & 63) & 1) != 0;
        GC.KeepAlive(this);
        return may;
    }

    /// <summary>The number of a name; -1 when it is not there. Allocates nothing.</summary>
    /// <param name="keys">The name asked for.</param>
    /// <param name="suffix">Which of its suffixes is looked up.</param>
    public int Find(ref readonly NameKeys keys, int suffix)
    {
        var found = Find(_names, _slots, _slotCount, in keys, suffix, out _);
        var value = found < 0 ? -1 : ValueAt(_names, found);
        GC.KeepAlive(this);
        return value;
    }

    /// <summary>Where the value of a name lies; -1 when it is not there, and <paramref name="slot"/> is where it would go.</summary>
    internal static long Find(byte* names, ulong* slots, uint slotCount, ref readonly NameKeys keys, int suffix, out uint slot)
    {
        var hash = keys.Hash(suffix);
        slot = Home(hash, slotCount);
        for (ulong entry; (entry = slots[slot]) != 0; slot = slot + 1 == slotCount ? 0 : slot + 1)
        {
            if ((uint)(entry >> 32) != hash)
            {
                continue;
            }

            var offset = (long)(uint)entry - 1;
            var name = keys.Suffix(suffix);
            // A name ends with its root label, so that one that begins alike and is longer differs before its end.
            if (new ReadOnlySpan<byte>(names + offset + ValueBytes, name.Length).SequenceEqual(name))
            {
                return offset;
            }
        }

        return -1;
    }

    /// <summary>The slot at which the search for a hash begins.</summary>
    internal static uint Home(uint hash, uint slotCount) => (uint)(((ulong)hash * slotCount) >> 32);

    /// <summary>The bit that stands for a domain.</summary>
    internal static uint DomainBit(uint hash, uint bits) => (uint)(((ulong)hash * bits) >> 32);

    internal static int ValueAt(byte* names, long offset) => names[offset] | (names[offset + 1] << 8) | (names[offset + 2] << 16);
}

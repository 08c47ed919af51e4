using Edge.Dns.Wire;

namespace Edge.Dns.Filtering;

/// <summary>Collects names and their numbers into a <see cref="PackedNames"/>. For one thread; to be disposed if it comes to nothing.</summary>
internal sealed unsafe class PackedNamesBuilder : IDisposable
{
    /// <summary>The largest number a name may have.</summary>
    public const int MaxValue = (1 << (8 * PackedNames.ValueBytes)) - 1;

    private const uint FirstSlots = 1024;
    // Sixteen for each name: of names in no domain that is known, one in sixteen is looked up in vain.
    private const int DomainBitsPerName = 16;

    // A comparison may look past the last name, at most by the length of a name.
    private const long Spare = Name.MaxWireLength;

    private byte* _names;
    private ulong* _slots;
    private long _room = 16 << 10;
    private long _used;
    private uint _slotCount = FirstSlots;

    public PackedNamesBuilder()
    {
        _names = (byte*)PageMemory.Allocate(_room);
        _slots = (ulong*)PageMemory.Allocate(_slotCount * (long)sizeof(ulong));
    }

    ~PackedNamesBuilder() => Free();

    public int Count { get; private set; }

    /// <summary>The number of a name; -1 when it is not there.</summary>
    public int Find(ref readonly NameKeys keys, int suffix)
    {
        var found = PackedNames.Find(_names, _slots, _slotCount, in keys, suffix, out _);
        return found < 0 ? -1 : PackedNames.ValueAt(_names, found);
    }

    /// <summary>Sets the number of a name, which is added when it is not there.</summary>
    /// <param name="keys">The name.</param>
    /// <param name="value">Its number, 0 to <see cref="MaxValue"/>.</param>
    public void Set(ref readonly NameKeys keys, int value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)value, (uint)MaxValue);
        var found = PackedNames.Find(_names, _slots, _slotCount, in keys, 0, out var slot);
        if (found >= 0)
        {
            Write(found, value);
            return;
        }

        MakeRoom(PackedNames.ValueBytes + keys.Length);
        Write(_used, value);
        keys.Suffix(0).CopyTo(new Span<byte>(_names + _used + PackedNames.ValueBytes, keys.Length));
        _slots[slot] = ((ulong)keys.Hash(0) << 32) | (ulong)(_used + 1);
        _used += PackedNames.ValueBytes + keys.Length;
        Count++;
        // Three of four slots in use: a search that fails then looks at some eight of them in a row, mostly in one cache line.
        if (Count > _slotCount / 4 * 3)
        {
            Resize(checked(_slotCount * 2));
        }
    }

    /// <summary>Ends the collecting; the builder cannot be used any more.</summary>
    public PackedNames Build()
    {
        Resize((uint)Math.Max(16, Count * 7L / 5));
        _names = (byte*)PageMemory.Resize(_names, _room, _used + Spare);
        _room = _used + Spare;
        var domainBits = checked((uint)Math.Max(64, Count * (long)DomainBitsPerName / 64 * 64));
        var domains = (ulong*)PageMemory.Allocate(domainBits / 8);
        var hasTopLevel = MarkDomains(domains, domainBits);
        var built = new PackedNames(_names, _room, _slots, _slotCount, domains, domainBits, Count, hasTopLevel);
        _names = null;
        _slots = null;
        GC.SuppressFinalize(this);
        return built;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private bool MarkDomains(ulong* domains, uint bits)
    {
        var hasTopLevel = false;
        for (var offset = 0L; offset < _used;)
        {
            var name = new ReadOnlySpan<byte>(_names + offset + PackedNames.ValueBytes, Name.MaxWireLength);
            name = name[..RDataNames.NameLength(name)];
            NameKeys.Read(name, out var keys);
            hasTopLevel |= keys.Labels < 2;
            if (keys.Labels >= 2)
            {
                var bit = PackedNames.DomainBit(keys.Hash(keys.Labels - 2), bits);
                domains[bit >> 6] |= 1UL << (int)(bit & 63);
            }

            offset += PackedNames.ValueBytes + name.Length;
        }

        return hasTopLevel;
    }

    private void Write(long offset, int value)
    {
        _names[offset] = (byte)value;
        _names[offset + 1] = (byte)(value >> 8);
        _names[offset + 2] = (byte)(value >> 16);
    }

    private void MakeRoom(int length)
    {
        if (_used + length + Spare <= _room)
        {
            return;
        }

        if (_used + length >= uint.MaxValue)
        {
            throw new InvalidOperationException("the names of all lists together are more than 4 GB");
        }

        var room = _room + Math.Max(_room / 2, length + Spare);
        _names = (byte*)PageMemory.Resize(_names, _room, room);
        _room = room;
    }

    private void Resize(uint slotCount)
    {
        var slots = (ulong*)PageMemory.Allocate(slotCount * (long)sizeof(ulong));
        for (var i = 0u; i < _slotCount; i++)
        {
            if (_slots[i] == 0)
            {
                continue;
            }

            var slot = PackedNames.Home((uint)(_slots[i] >> 32), slotCount);
            while (slots[slot] != 0)
            {
                slot = slot + 1 == slotCount ? 0 : slot + 1;
            }

            slots[slot] = _slots[i];
        }

        PageMemory.Free(_slots, _slotCount * (long)sizeof(ulong));
        _slots = slots;
        _slotCount = slotCount;
    }

    private void Free()
    {
        PageMemory.Free(_names, _room);
        PageMemory.Free(_slots, _slotCount * (long)sizeof(ulong));
        _names = null;
        _slots = null;
    }
}

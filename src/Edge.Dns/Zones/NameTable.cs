using System.Numerics;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>
/// Names to their places in a list: an open-addressing table whose keys lie in one block of bytes, so that a probe
/// costs two cache lines. Never changed after it is built.
/// </summary>
internal sealed class NameTable
{
    private readonly Slot[] _slots;
    private readonly byte[] _keys;
    private readonly int _mask;

    public NameTable(IReadOnlyList<Name> names)
    {
        // At most half full: a miss then probes 2.5 slots on average.
        _slots = new Slot[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, names.Count * 2))];
        _mask = _slots.Length - 1;
        _keys = new byte[names.Sum(name => name.Wire.Length)];
        var key = 0;
        for (var i = 0; i < names.Count; i++)
        {
            var wire = names[i].Wire;
            wire.CopyTo(_keys.AsSpan(key));
            var at = names[i].GetHashCode() & _mask;
            while (_slots[at].Length != 0)
            {
                at = (at + 1) & _mask;
            }

            _slots[at] = new Slot { Hash = names[i].GetHashCode(), Key = key, Length = wire.Length, Index = i };
            key += wire.Length;
        }
    }

    /// <summary>The place of a name in the list; -1 when it is not there.</summary>
    public int Find(int hash, ReadOnlySpan<byte> wire)
    {
        for (var at = hash & _mask; ; at = (at + 1) & _mask)
        {
            ref readonly var slot = ref _slots[at];
            if (slot.Length == 0)
            {
                return -1;
            }

            if (slot.Hash == hash && slot.Length == wire.Length && NameComparison.Equal(_keys.AsSpan(slot.Key, slot.Length), wire))
            {
                return slot.Index;
            }
        }
    }

    private struct Slot
    {
        public int Hash;
        public int Key;
        public int Length;
        public int Index;
    }
}

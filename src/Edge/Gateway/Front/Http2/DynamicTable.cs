namespace Edge.Gateway.Front.Http2;

/// <summary>The fields that a client has told to keep (RFC 7541 section 2.3.2). The newest has the lowest index.</summary>
internal sealed class DynamicTable
{
    /// <summary>The most that it may hold: what every client may take for granted (RFC 9113 section 6.5.2).</summary>
    public const int Most = 4096;

    // What an entry counts beside its bytes (RFC 7541 section 4.1).
    private const int Overhead = 32;

    // Who keeps nothing needs no room.
    private Entry[] _entries = [];
    private int _newest;
    private int _size;
    private int _most = Most;

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Name(int index) => At(index) is var entry ? entry.Bytes.AsSpan(0, entry.NameLength) : default;

    public ReadOnlySpan<byte> Value(int index) => At(index) is var entry ? entry.Bytes.AsSpan(entry.NameLength) : default;

    /// <summary>Puts one in, for which others may have to go (section 4.4).</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var size = name.Length + value.Length + Overhead;
        Shrink(Math.Max(0, _most - size));
        if (size > _most)
        {
            return;
        }

        _entries = _entries.Length == 0 ? new Entry[Most / Overhead] : _entries;
        var bytes = new byte[name.Length + value.Length];
        name.CopyTo(bytes);
        value.CopyTo(bytes.AsSpan(name.Length));
        _newest = (_newest + 1) % _entries.Length;
        _entries[_newest] = new Entry(bytes, name.Length);
        Count++;
        _size += size;
    }

    /// <summary>The client changes how much it may hold (section 4.3). False where it may not.</summary>
    public bool TryResize(int most)
    {
        if (most is < 0 or > Most)
        {
            return false;
        }

        _most = most;
        Shrink(most);
        return true;
    }

    private void Shrink(int most)
    {
        while (_size > most && Count > 0)
        {
            ref var oldest = ref At(Count - 1);
            _size -= oldest.Bytes.Length + Overhead;
            oldest = default;
            Count--;
        }
    }

    private ref Entry At(int index) => ref _entries[(_newest - index + _entries.Length) % _entries.Length];

    private record struct Entry(byte[] Bytes, int NameLength);
}

namespace Edge.Gateway.Front.Http2;

/// <summary>The fields of one request as they were sent; one list serves many, one after the other.</summary>
internal sealed class FieldList
{
    /// <summary>The most that all may have, each with its overhead: twice what requests may have, so that the web server can say no.</summary>
    public const int Most = 64 * 1024;

    // Most requests have room in these. Longer ones do not leave their room behind.
    private const int Usual = 1024;
    private const int UsualFields = 24;
    private const int Overhead = 32;

    private byte[] _bytes = new byte[Usual];
    private FieldPlace[] _places = new FieldPlace[UsualFields];
    private int _end;

    public int Count { get; private set; }

    /// <summary>What all of them have, as a client counts it (RFC 9113 section 6.5.2).</summary>
    public int Size => _end + (Count * Overhead);

    public bool IsSecret(int index) => _places[index].IsSecret;

    public ReadOnlySpan<byte> Name(int index) => _bytes.AsSpan(_places[index].Start, _places[index].NameLength);

    public ReadOnlySpan<byte> Value(int index) => _bytes.AsSpan(_places[index].Start + _places[index].NameLength, _places[index].ValueLength);

    public void Clear()
    {
        (Count, _end) = (0, 0);
        if (_bytes.Length > Usual * 4)
        {
            (_bytes, _places) = (new byte[Usual], new FieldPlace[UsualFields]);
        }
    }

    /// <summary>Room behind what is there and <paramref name="behind"/> bytes more.</summary>
    public Span<byte> Room(int behind, int length)
    {
        var needed = _end + behind + length;
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
        }

        return _bytes.AsSpan(_end + behind, length);
    }

    /// <summary>Takes in the field that was written to the room.</summary>
    /// <returns>Its number.</returns>
    public int Add(int nameLength, int valueLength, bool isSecret)
    {
        if (Count == _places.Length)
        {
            Array.Resize(ref _places, Count * 2);
        }

        _places[Count] = new FieldPlace(_end, nameLength, valueLength, isSecret);
        _end += nameLength + valueLength;
        return Count++;
    }
}

namespace Edge.Dns.Zones.Packed;

/// <summary>
/// Bytes that are only ever appended, in blocks of one mebibyte: growing copies nothing, and a piece that was appended
/// in one call lies in one block. Once filled it is read by many threads at once.
/// </summary>
internal sealed class ByteArena
{
    /// <summary>Bytes of the longest piece.</summary>
    public const int LongestPiece = BlockSize;

    private const int BlockBits = 20;
    private const int BlockSize = 1 << BlockBits;
    private const int FirstBlock = 1 << 10;

    private byte[][] _blocks = [new byte[FirstBlock]];
    private int _last;
    private int _used;

    /// <summary>The block that holds an offset, for those who keep reading behind it.</summary>
    public byte[] Block(int offset) => _blocks[offset >> BlockBits];

    /// <summary>Where in its block an offset lies.</summary>
    public static int Place(int offset) => offset & (BlockSize - 1);

    /// <summary>Whether two offsets lie in one block, so that what is between them can be read in one piece.</summary>
    public static bool AreTogether(int a, int b) => a >> BlockBits == b >> BlockBits;

    /// <summary>What stands behind an offset, at most so many bytes of it.</summary>
    public ReadOnlySpan<byte> Read(int offset, int most)
    {
        var block = _blocks[offset >> BlockBits];
        var place = offset & (BlockSize - 1);
        return block.AsSpan(place, Math.Min(most, block.Length - place));
    }

    /// <summary>Room for a piece, to be filled by the caller.</summary>
    /// <param name="length">Its bytes, at most <see cref="LongestPiece"/>.</param>
    /// <param name="offset">Where it begins.</param>
    /// <exception cref="InvalidOperationException">More than two gibibytes.</exception>
    public Span<byte> Append(int length, out int offset)
    {
        if (_used + length > _blocks[_last].Length)
        {
            MakeRoom(length);
        }

        offset = (_last << BlockBits) | _used;
        var room = _blocks[_last].AsSpan(_used, length);
        _used += length;
        return room;
    }

    // The first block grows up to the full size, so that a small zone costs little; the others are whole from the start.
    private void MakeRoom(int length)
    {
        if (_last == 0 && _used + length <= BlockSize)
        {
            Array.Resize(ref _blocks[0], Math.Max(_used + length, Math.Min(BlockSize, _blocks[0].Length * 2)));
            return;
        }

        if (++_last >= 1 << (31 - BlockBits))
        {
            throw new InvalidOperationException("a zone holds at most two gibibytes");
        }

        if (_last == _blocks.Length)
        {
            Array.Resize(ref _blocks, _blocks.Length * 2);
        }

        _blocks[_last] = new byte[BlockSize];
        _used = 0;
    }
}

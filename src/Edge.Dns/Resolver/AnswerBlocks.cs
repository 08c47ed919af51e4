using System.Numerics;

namespace Edge.Dns.Resolver;

/// <summary>
/// The blocks by number. A position is the number of a block and a place in it; numbers come back only after hundreds
/// of megabytes were written, so who follows a position to a block that is gone finds nothing instead of something else.
/// </summary>
internal sealed class AnswerBlocks
{
    /// <summary>The most blocks there can be: what is left of a number tells the old from the new.</summary>
    public const int Most = 1 << 16;

    // Places are told in steps of the alignment.
    private const int StepBits = 3;

    // The array's header, the object beside it and its place in the tables here.
    private const int Overhead = 24 + 72 + 16;

    private readonly AnswerBlock?[] _blocks;
    private readonly uint[] _numbers;
    private readonly Queue<int> _free = new();
    private readonly DroppedMemory _dropped;
    private readonly int _placeBits;
    private readonly uint _placeMask;

    /// <summary>A table of so many blocks.</summary>
    /// <param name="size">Their size in bytes, a power of two.</param>
    /// <param name="count">How many there are at most.</param>
    /// <param name="dropped">Hears what is let go.</param>
    public AnswerBlocks(int size, int count, DroppedMemory dropped)
    {
        Size = size;
        _dropped = dropped;
        _placeBits = BitOperations.Log2((uint)size) - StepBits;
        _placeMask = (1u << _placeBits) - 1;
        var length = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(count, 1));
        _blocks = new AnswerBlock?[length];
        _numbers = new uint[length];
        for (var i = 0; i < length; i++)
        {
            _numbers[i] = (uint)i;
            _free.Enqueue(i);
        }
    }

    /// <summary>The size of one.</summary>
    public int Size { get; }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>What one costs with all that belongs to it.</summary>
    public int Cost => Size + Overhead;

    /// <summary>A new one. There must be fewer than the most.</summary>
    public AnswerBlock Begin()
    {
        var slot = _free.Dequeue();
        // Number 0 belongs to no block, so that position 0 leads nowhere.
        ref var number = ref _numbers[slot];
        number = (number + (uint)_blocks.Length) & (uint.MaxValue >> _placeBits);
        number = number < _blocks.Length ? number + (uint)_blocks.Length : number;
        var block = new AnswerBlock(Size, number);
        Volatile.Write(ref _blocks[slot], block);
        Count++;
        return block;
    }

    /// <summary>Lets go of one.</summary>
    public void Drop(AnswerBlock block)
    {
        var slot = (int)(block.Number & (uint)(_blocks.Length - 1));
        Volatile.Write(ref _blocks[slot], null);
        _free.Enqueue(slot);
        Count--;
        _dropped.Add(Size);
    }

    /// <summary>The position of a place in a block.</summary>
    public uint PositionOf(AnswerBlock block, int offset) => (block.Number << _placeBits) | ((uint)offset >> StepBits);

    /// <summary>The answer at a position of a block that is there.</summary>
    public CachedAnswer At(uint position) => new(BlockOf(position)!.Bytes, OffsetOf(position));

    /// <summary>The block of a position; null when it is gone.</summary>
    public AnswerBlock? BlockOf(uint position)
    {
        var number = position >> _placeBits;
        var block = Volatile.Read(ref _blocks[number & (uint)(_blocks.Length - 1)]);
        return block?.Number == number ? block : null;
    }

    /// <summary>The answer at a position; false when its block is gone. Takes no lock.</summary>
    public bool TryFind(uint position, out CachedAnswer answer)
    {
        var block = BlockOf(position);
        answer = block is null ? default : new CachedAnswer(block.Bytes, OffsetOf(position));
        return block is not null;
    }

    private int OffsetOf(uint position) => (int)(position & _placeMask) << StepBits;
}

using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>
/// The answers of equal slots, linked by position from head to head. Any number of readers follow them while one writer, who has
/// the lock of the cache, changes them: each change is one link.
/// </summary>
internal sealed class AnswerChains(AnswerBlocks blocks, AnswerIndex index)
{
    private int _count;

    /// <summary>How many answers there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The answer under exactly this key; null when there is none. Allocates nothing.</summary>
    public CachedAnswer? Find(ReadOnlySpan<byte> name, RecordType type, byte flags)
    {
        var hash = index.HashOf(name, type, flags);
        var position = index.First(hash);
        while (blocks.TryFind(position, out var answer))
        {
            ref var head = ref answer.Head;
            if (head.Hash == hash && answer.IsFor(name, type, flags))
            {
                return answer;
            }

            position = Volatile.Read(ref head.Next);
        }

        return null;
    }

    /// <summary>Links a new answer in the place of the one under the same key or at the end of its chain, so that readers under way miss nothing.</summary>
    /// <param name="position">Where it stands.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="replaced">Where the one it replaces stands; 0 when there is none.</param>
    public void Add(uint position, uint hash, out uint replaced)
    {
        var answer = blocks.At(position);
        ref var head = ref answer.Head;
        (head.Hash, head.Next) = (hash, 0);
        ref var link = ref index.Slot(hash);
        while (link != 0 && blocks.At(link) is var entry)
        {
            ref var other = ref entry.Head;
            if (other.Hash == hash && entry.IsFor(answer.Name, answer.KeyType, answer.KeyFlags))
            {
                (head.Next, head.Visited) = (other.Next, other.Visited);
                break;
            }

            link = ref other.Next;
        }

        replaced = link;
        Volatile.Write(ref link, position);
        Volatile.Write(ref _count, _count + 1);
        if (replaced != 0)
        {
            Bury(replaced);
        }
    }

    /// <summary>A copy takes the place of an answer.</summary>
    public void Replace(uint position, uint copy)
    {
        Lead(position, copy);
        blocks.At(position).Head.Bits |= AnswerHead.Gone;
    }

    /// <summary>Takes an answer out of its chain.</summary>
    public void Remove(uint position)
    {
        Lead(position, blocks.At(position).Head.Next);
        Bury(position);
    }

    /// <summary>Links all answers anew, over twice as many slots.</summary>
    /// <param name="all">The blocks there are.</param>
    public void Spread(IEnumerable<AnswerBlock> all)
    {
        // A reader under way may find himself in a chain of the new table: it ends as well, and what he missed is asked again.
        var slots = index.Larger();
        foreach (var block in all)
        {
            foreach (var answer in block)
            {
                ref var head = ref answer.Head;
                ref var slot = ref slots[head.Hash & (uint)(slots.Length - 1)];
                Volatile.Write(ref head.Next, slot);
                slot = blocks.PositionOf(block, answer.Offset);
            }
        }

        index.Publish(slots);
    }

    // The link that led to one position leads to another.
    private void Lead(uint from, uint to)
    {
        ref var link = ref index.Slot(blocks.At(from).Head.Hash);
        while (link != from)
        {
            link = ref blocks.At(link).Head.Next;
        }

        Volatile.Write(ref link, to);
    }

    private void Bury(uint position)
    {
        blocks.At(position).Head.Bits |= AnswerHead.Gone;
        Volatile.Write(ref _count, _count - 1);
    }
}

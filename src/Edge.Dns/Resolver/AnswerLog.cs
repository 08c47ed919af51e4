namespace Edge.Dns.Resolver;

/// <summary>Blocks in the order in which they were begun; answers are written into the newest one.</summary>
internal sealed class AnswerLog
{
    public AnswerBlock? Oldest { get; private set; }

    public AnswerBlock? Newest { get; private set; }

    public int Count { get; private set; }

    /// <summary>From the oldest to the newest.</summary>
    public IEnumerable<AnswerBlock> Blocks
    {
        get
        {
            for (var block = Oldest; block is not null; block = block.Newer)
            {
                yield return block;
            }
        }
    }

    /// <summary>Whether this many bytes fit into the newest block.</summary>
    public bool HasRoom(int length) => Newest is { } newest && newest.Used + length <= newest.Bytes.Length;

    public void Add(AnswerBlock block)
    {
        (block.Log, block.Older) = (this, Newest);
        if (Newest is not null)
        {
            Newest.Newer = block;
        }

        Newest = block;
        Oldest ??= block;
        Count++;
    }

    public void Remove(AnswerBlock block)
    {
        if (block.Older is null)
        {
            Oldest = block.Newer;
        }
        else
        {
            block.Older.Newer = block.Newer;
        }

        if (block.Newer is null)
        {
            Newest = block.Older;
        }
        else
        {
            block.Newer.Older = block.Older;
        }

        // What is gone does not keep its neighbours.
        (block.Log, block.Older, block.Newer) = (null, null, null);
        Count--;
    }
}

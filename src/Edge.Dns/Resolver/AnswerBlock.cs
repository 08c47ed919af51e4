namespace Edge.Dns.Resolver;

/// <summary>
/// A stretch of memory with many answers, written once from its beginning to its end. The collector never moves it
/// and looks at nothing in it; it goes as a whole, when the last reader has let go of it.
/// </summary>
internal sealed class AnswerBlock(int size, uint number)
{
    public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(size, pinned: true);

    /// <summary>What positions in it begin with. No other block has it for a long time.</summary>
    public uint Number => number;

    /// <summary>How many bytes are written.</summary>
    public int Used { get; private set; }

    /// <summary>How many of its answers are in a chain.</summary>
    public int Live { get; set; }

    /// <summary>The log it is in; null when it is in none any more.</summary>
    public AnswerLog? Log { get; set; }

    /// <summary>Its neighbours there.</summary>
    public AnswerBlock? Older { get; set; }

    public AnswerBlock? Newer { get; set; }

    /// <summary>Its answers that are in a chain, from first to last.</summary>
    public LiveAnswers GetEnumerator() => new(Bytes, Used);

    /// <summary>Writes an answer behind the last one; there must be room.</summary>
    public CachedAnswer Append(in CachedAnswer answer)
    {
        var whole = answer.Whole;
        whole.CopyTo(Bytes.AsSpan(Used));
        var copy = new CachedAnswer(Bytes, Used);
        Used += whole.Length;
        Live++;
        return copy;
    }
}

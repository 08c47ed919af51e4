namespace Edge.Dns.Resolver.Recursion;

/// <summary>What one question of a client may still cost, over all that it leads to.</summary>
internal sealed class QuestionBudget(int queries, int lookups)
{
    private int _queries = queries;
    private int _lookups = lookups;
    private int _spent;

    /// <summary>Queries sent so far.</summary>
    public int Spent => Volatile.Read(ref _spent);

    public bool IsSpent => Volatile.Read(ref _queries) <= 0;

    public bool TryQuery()
    {
        Interlocked.Increment(ref _spent);
        return Interlocked.Decrement(ref _queries) >= 0;
    }

    public bool TryLookup() => Interlocked.Decrement(ref _lookups) >= 0;
}

namespace Edge.Dns.Queries;

/// <summary>
/// What is noted on the way of one query: whoever answers it says so here. A thread uses one for all of its queries, one
/// after the other, so that nothing is allocated; a query that waits has one of its own.
/// </summary>
public sealed class QueryNotes
{
    /// <summary>The view of a client that is in none.</summary>
    public const int NoView = -1;

    /// <summary>How it was answered.</summary>
    public AnsweredBy By { get; set; }

    /// <summary>The index of the client's view; <see cref="NoView"/> while it is not known.</summary>
    public int View { get; set; } = NoView;

    /// <summary>The upstream that answered, or the list that blocks; null where there is nothing to name.</summary>
    public string? Source { get; set; }

    /// <summary>Takes note of who answers.</summary>
    /// <param name="by">How.</param>
    /// <param name="source">The upstream or the list. Give the same object each time: it is looked up once then.</param>
    public void Note(AnsweredBy by, string? source = null)
    {
        By = by;
        if (source is not null || Source is not null)
        {
            Source = source;
        }
    }

    /// <summary>Begins with the next query.</summary>
    internal void Clear()
    {
        Note(AnsweredBy.Error);
        View = NoView;
    }
}

namespace Edge.Dns.Nameserver;

/// <summary>What became of a query on the fast path.</summary>
public enum QueryOutcome
{
    /// <summary>Nothing is to be sent.</summary>
    Dropped,

    /// <summary>The answer is written.</summary>
    Answered,

    /// <summary>
    /// It takes longer: somebody else must be asked, the query is signed, or it is a transfer, a NOTIFY or an UPDATE.
    /// Call <see cref="QueryProcessor.CompleteAsync"/> off the listener's thread.
    /// </summary>
    Deferred,
}

namespace Edge.Dns.Nameserver;

/// <summary>What became of a query on the fast path.</summary>
public enum QueryOutcome
{
    /// <summary>Nothing is to be sent.</summary>
    Dropped,

    /// <summary>The answer is written.</summary>
    Answered,

    /// <summary>Somebody else must be asked: call <see cref="QueryProcessor.ResolveAsync"/> off the listener's thread.</summary>
    Deferred,
}

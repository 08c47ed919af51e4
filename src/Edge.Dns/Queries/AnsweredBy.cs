namespace Edge.Dns.Queries;

/// <summary>How a query came to its answer.</summary>
public enum AnsweredBy : byte
{
    /// <summary>By nobody: it is malformed, or cannot be answered now; the response code says which.</summary>
    Error,

    /// <summary>From a zone of ours.</summary>
    Zone,

    /// <summary>From the resolver's cache.</summary>
    Cache,

    /// <summary>From the cache past its time to live (RFC 8767), since nobody else could be asked.</summary>
    Stale,

    /// <summary>By an upstream, or by the servers of the name itself, that were asked for it.</summary>
    Upstream,

    /// <summary>As a name whose meaning is local by standard (RFC 6761).</summary>
    SpecialName,

    /// <summary>Not with what the world says: a list forbids the name.</summary>
    Blocked,

    /// <summary>As the settings say of the name.</summary>
    Custom,

    /// <summary>Not at all: this client may not ask that here.</summary>
    Refused,

    /// <summary>With nothing but the way to be believed: over TCP, or with a cookie.</summary>
    SentBack,

    /// <summary>With silence.</summary>
    Dropped,

    /// <summary>As a transfer, a NOTIFY, an UPDATE or a signed request.</summary>
    Exchange,
}

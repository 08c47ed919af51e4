namespace Edge.Access;

/// <summary>What an address is remembered for until there is too much of it.</summary>
internal enum OffenceKind
{
    /// <summary>A wrong name or password.</summary>
    Auth,

    /// <summary>A request to a service that is not for this client.</summary>
    Denied,

    /// <summary>A host or a path that is not there.</summary>
    NotFound,

    /// <summary>A request that is no HTTP.</summary>
    Malformed,

    /// <summary>More requests than a service's rate.</summary>
    Rate,

    /// <summary>A DNS query that was refused, from an address that is no forgery.</summary>
    Dns,
}

namespace Edge.Services.Routing;

/// <summary>Which of several destinations gets a request.</summary>
internal enum BalanceKind
{
    /// <summary>The less busy of two taken at random.</summary>
    PowerOfTwoChoices,

    /// <summary>Each in its turn.</summary>
    RoundRobin,

    /// <summary>The least busy.</summary>
    Least,

    /// <summary>In its turn, as often as its weight says.</summary>
    Weighted,

    /// <summary>The same for everything that is alike in one property of the request.</summary>
    Hash,
}

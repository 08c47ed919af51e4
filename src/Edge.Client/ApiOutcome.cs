namespace Edge.Client;

/// <summary>What became of a request to Edge.</summary>
internal enum ApiOutcome
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>There is no such registration, or its lease has ended.</summary>
    Gone,

    /// <summary>The registration is not the one that the request was about: somebody else has registered the name since.</summary>
    Changed,

    /// <summary>Nobody answered, or somebody who cannot at the moment.</summary>
    Away,

    /// <summary>Edge does not want it so; asking again the same way is of little use.</summary>
    Refused,
}

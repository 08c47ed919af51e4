namespace Edge.Acme;

/// <summary>A CA that gave no certificate.</summary>
/// <param name="Issuer">The CA.</param>
/// <param name="Failure">Why not.</param>
/// <param name="IsCounted">Whether the CA itself looked in vain, which it counts.</param>
internal sealed record FailedIssuance(PublicIssuer Issuer, Exception Failure, bool IsCounted);

namespace Edge.Acme;

/// <summary>A CA that is not to be asked for a while: it said so, or it would be in vain.</summary>
/// <param name="Issuer">The CA as its folder is named.</param>
/// <param name="Until">Not before this time.</param>
/// <param name="Reason">What it said.</param>
internal sealed record IssuerRest(string Issuer, DateTimeOffset Until, string Reason);

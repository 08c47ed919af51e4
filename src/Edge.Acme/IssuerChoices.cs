namespace Edge.Acme;

/// <summary>What an order at a CA is to be like.</summary>
/// <param name="Profile">The certificate profile; null: <see cref="Usual"/>, or for addresses <see cref="OfAddresses"/>, where the CA offers it; "" for none.</param>
/// <param name="PreferredChain">The common name of the root the chain should lead to; null: the CA's own choice.</param>
internal sealed record IssuerChoices(string? Profile = null, string? PreferredChain = null)
{
    /// <summary>Let's Encrypt's profile for addresses, which it gives under no other.</summary>
    public const string OfAddresses = "shortlived";

    /// <summary>Whether nobody uses the certificates: a profile that is not offered is left out.</summary>
    public bool IsTest { get; init; }

    /// <summary>Let's Encrypt's profile for servers: smaller certificates, without what nobody uses any more.</summary>
    public const string Usual = "tlsserver";
}

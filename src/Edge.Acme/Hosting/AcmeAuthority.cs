namespace Edge.Acme.Hosting;

/// <summary>A CA that an application gets certificates from.</summary>
/// <param name="Directory">Its directory.</param>
public sealed record AcmeAuthority(Uri Directory)
{
    /// <summary>Let's Encrypt.</summary>
    public static readonly AcmeAuthority LetsEncrypt = new(EdgeCertificatesOptions.LetsEncrypt);

    /// <summary>The account with the CA that ours is bound to, where it wants one.</summary>
    public ExternalAccount? ExternalAccount { get; init; }

    /// <summary>The certificate profile; null: the usual one for servers where the CA offers it; "" for none.</summary>
    public string? Profile { get; init; }

    /// <summary>The common name of the root that chains should lead to.</summary>
    public string? PreferredChain { get; init; }
}

using System.Collections.Immutable;

namespace Edge.Acme.Hosting;

/// <summary>Which certificates an application wants, and from whom.</summary>
public sealed class EdgeCertificatesOptions
{
    /// <summary>Let's Encrypt.</summary>
    public static readonly Uri LetsEncrypt = new("https://acme-v02.api.letsencrypt.org/directory");

    /// <summary>Let's Encrypt for tests: wide limits, and certificates that nobody trusts.</summary>
    public static readonly Uri LetsEncryptStaging = new("https://acme-staging-v02.api.letsencrypt.org/directory");

    /// <summary>You have read the terms of service of the CA and agree to them. Without that nothing is ordered.</summary>
    public bool AcceptTermsOfService { get; set; }

    /// <summary>The names; each gets a certificate of its own, so that one that fails keeps no other from its own. Wildcards need a DNS challenge.</summary>
    public IList<string> DomainNames { get; } = [];

    /// <summary>Where the CA reaches you; may be left out.</summary>
    public string? EmailAddress { get; set; }

    /// <summary>Orders at <see cref="LetsEncryptStaging"/> alone, whatever <see cref="Directory"/> and <see cref="Issuers"/> say.</summary>
    public bool UseStagingServer { get; set; }

    /// <summary>Several CAs: the next is asked when the one before says no. Where there is none, it is the one of <see cref="Directory"/>.</summary>
    public IList<AcmeAuthority> Issuers { get; } = [];

    /// <summary>The CA's directory.</summary>
    public Uri Directory { get; set; } = LetsEncrypt;

    /// <summary>A file of roots (PEM) that may vouch for the directory, beside those of the system.</summary>
    public string? TrustedRoot { get; set; }

    /// <summary>The account with the CA that ours is bound to, where it wants one.</summary>
    public ExternalAccount? ExternalAccount { get; set; }

    /// <summary>The certificate profile; null: the usual one for servers where the CA offers it; "" for none.</summary>
    public string? Profile { get; set; }

    /// <summary>The common name of the root that chains should lead to.</summary>
    public string? PreferredChain { get; set; }

    /// <summary>The ways to prove names, of <see cref="ChallengeType"/>, the preferred one first; a DNS challenge that is added counts by itself.</summary>
    public IList<string> AllowedChallengeTypes { get; } = [ChallengeType.TlsAlpn01, ChallengeType.Http01];

    /// <summary>The CAs, the one that is asked first in front.</summary>
    internal ImmutableArray<AcmeAuthority> Authorities => UseStagingServer ? [new(LetsEncryptStaging) { Profile = Profile, PreferredChain = PreferredChain }]
        : Issuers.Count > 0 ? Distinct(Issuers)
        : [new(Directory) { ExternalAccount = ExternalAccount, Profile = Profile, PreferredChain = PreferredChain }];

    // Each CA has a folder, whose name not everything in a URL changes.
    private static ImmutableArray<AcmeAuthority> Distinct(IEnumerable<AcmeAuthority> issuers)
    {
        ImmutableArray<AcmeAuthority> all = [.. issuers.DistinctBy(issuer => issuer.Directory)];
        return all.GroupBy(issuer => CaName.Of(issuer.Directory)).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw new InvalidOperationException($"{nameof(Issuers)}: {string.Join(" and ", twice.Select(issuer => issuer.Directory))} would have the same folder, {twice.Key}: one of them can be there") : all;
    }
}

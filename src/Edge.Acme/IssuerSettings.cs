using System.Collections.Immutable;

namespace Edge.Acme;

/// <summary>A CA as somebody's settings name it.</summary>
/// <param name="Directory">Its directory.</param>
internal sealed record IssuerSettings(Uri Directory)
{
    private const string LetsEncrypt = "acme-v02.api.letsencrypt.org";
    private static readonly Uri LetsEncryptStaging = new("https://acme-staging-v02.api.letsencrypt.org/directory");

    /// <summary>"mailto:" URIs.</summary>
    public ImmutableArray<string> Contact { get; init; } = [];

    /// <summary>The account with the CA to which ours is bound; null where it wants none.</summary>
    public ExternalAccount? External { get; init; }

    /// <summary>Roots in PEM that may vouch for the directory besides the system's.</summary>
    public string? Roots { get; init; }

    /// <summary>What certificates are to be like.</summary>
    public IssuerChoices Choices { get; init; } = new();

    /// <summary>The CA's directory for tests; null where there is none.</summary>
    public Uri? Staging { get; init; }

    /// <summary>The directory for tests that is known to belong to a CA.</summary>
    public static Uri? StagingOf(Uri directory) => directory.Host == LetsEncrypt ? LetsEncryptStaging : null;
}

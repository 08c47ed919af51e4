using System.Collections.Immutable;
using Edge.Acme;
using Edge.Settings;

namespace Edge.Certificates;

/// <summary>One CA of the section <c>certificates.acme</c> of edge.yaml.</summary>
internal sealed record AcmeOptions
{
    private const string LetsEncrypt = "acme-v02.api.letsencrypt.org";
    private const string LetsEncryptStaging = "https://acme-staging-v02.api.letsencrypt.org/directory";

    /// <summary>The CA's directory URL.</summary>
    public required Uri Directory { get; init; }

    /// <summary>"mailto:" URIs; may be empty.</summary>
    public ImmutableArray<string> Contact { get; init; } = [];

    /// <summary>Roots in PEM that may vouch for the directory besides the system's; null for none.</summary>
    public string? TrustedRoots { get; init; }

    /// <summary>The account with the CA to which ours is bound; null where the CA wants none.</summary>
    public ExternalAccount? External { get; init; }

    /// <summary>The certificate profile; null: the usual one where it is offered; "" for none.</summary>
    public string? Profile { get; init; }

    /// <summary>The common name of the root the chain should lead to; null: the CA's choice.</summary>
    public string? PreferredChain { get; init; }

    /// <summary>The ways to prove names, the preferred one first.</summary>
    public ImmutableArray<string> Challenges { get; init; } = [ChallengeType.Dns01];

    /// <summary>The CA's directory for tests, asked first when a name could not be proven; null for none.</summary>
    public Uri? Staging { get; init; }

    /// <summary>The same as the client takes it.</summary>
    public IssuerSettings Settings => new(Directory) { Contact = Contact, External = External, Roots = TrustedRoots, Choices = new IssuerChoices(Profile, PreferredChain), Staging = Staging };

    /// <summary>What only a start takes over, so that two readings can be compared; the roots are taken over at any time.</summary>
    public override string ToString() => string.Join(' ', Directory, string.Join(' ', Contact), External?.KeyId, External is null ? null : Convert.ToHexString(External.Key.Span), Profile, PreferredChain, string.Join(' ', Challenges), Staging);

    /// <summary>Reads a CA; null when it cannot be used, with the reasons among the section's problems.</summary>
    public static AcmeOptions? Read(MapReader section)
    {
        var directory = ReadUrl(section, "directory");
        if (section.Node("directory") is null)
        {
            section.Problems.Add(section.Map, "needs \"directory\", the URL of the CA", $"Let's Encrypt: https://{LetsEncrypt}/directory; to try things out: {LetsEncryptStaging}");
        }

        var contact = section.List("contact", "a mail address such as me@example.com", static text =>
            text.StartsWith("mailto:", StringComparison.Ordinal) ? text : text.Contains('@') && !text.Contains(' ') ? "mailto:" + text : null);
        var agreed = ReadAgreement(section, directory);
        var root = TrustedRootFile.Read(section, "trusted-root", out var rootIsUsable);
        var external = ExternalAccountOptions.Read(section, "external-account", out var externalIsUsable);
        var profile = section.Text("profile");
        var chain = section.Text("preferred-chain");
        var challenges = section.List("challenges", $"one of {string.Join(", ", ChallengeType.All)}", static text => ChallengeType.All.Contains(text) ? text : null);
        var staging = ReadUrl(section, "staging");
        section.Done();
        return directory is not null && agreed && rootIsUsable && externalIsUsable
            ? new AcmeOptions
            {
                Directory = directory,
                Contact = [.. contact],
                TrustedRoots = root,
                External = external,
                Profile = profile == "none" ? "" : profile,
                PreferredChain = chain,
                Challenges = challenges.Count == 0 ? [ChallengeType.Dns01] : [.. challenges.Distinct()],
                Staging = staging ?? IssuerSettings.StagingOf(directory),
            }
            : null;
    }

    private static Uri? ReadUrl(MapReader section, string key)
    {
        if (section.Text(key) is not { } text)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps)
        {
            return url;
        }

        // RFC 8555 §6.1: HTTPS only.
        section.Problems.Add(section.Node(key)!, $"\"{text}\" is not an https:// URL");
        return null;
    }

    private static bool ReadAgreement(MapReader section, Uri? directory)
    {
        var node = section.Node("agree-to-terms");
        if (section.Switch("agree-to-terms") is true)
        {
            return true;
        }

        var where = directory is null ? "the CA's directory names them"
            : directory.Host.EndsWith(".letsencrypt.org", StringComparison.Ordinal) ? "https://letsencrypt.org/repository/"
            : $"{directory} names them under meta.termsOfService";
        section.Problems.Add(node ?? section.Map, "needs \"agree-to-terms: true\": a CA gives certificates only to those who agree to its terms of service", $"read them first: {where}");
        return false;
    }
}

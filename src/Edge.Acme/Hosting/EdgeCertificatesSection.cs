using System.Buffers.Text;
using Microsoft.Extensions.Configuration;

namespace Edge.Acme.Hosting;

/// <summary>Reads the options from a section of an application's configuration, by their names; what is not there stays as it is.</summary>
internal static class EdgeCertificatesSection
{
    public static void Read(IConfiguration section, EdgeCertificatesOptions options)
    {
        options.AcceptTermsOfService = Switch(section, nameof(options.AcceptTermsOfService)) ?? options.AcceptTermsOfService;
        options.UseStagingServer = Switch(section, nameof(options.UseStagingServer)) ?? options.UseStagingServer;
        options.EmailAddress = section[nameof(options.EmailAddress)] ?? options.EmailAddress;
        options.Directory = Url(section, nameof(options.Directory)) ?? options.Directory;
        options.TrustedRoot = section[nameof(options.TrustedRoot)] ?? options.TrustedRoot;
        options.Profile = section[nameof(options.Profile)] ?? options.Profile;
        options.PreferredChain = section[nameof(options.PreferredChain)] ?? options.PreferredChain;
        options.ExternalAccount = Account(section.GetSection(nameof(options.ExternalAccount))) ?? options.ExternalAccount;
        Replace(options.DomainNames, Texts(section, nameof(options.DomainNames)));
        Replace(options.AllowedChallengeTypes, [.. Texts(section, nameof(options.AllowedChallengeTypes)).Select(Challenge)]);
        Replace(options.Issuers, [.. section.GetSection(nameof(options.Issuers)).GetChildren().Select(Authority)]);
    }

    private static AcmeAuthority Authority(IConfigurationSection section) => new(Url(section, nameof(AcmeAuthority.Directory)) ?? throw new FormatException($"{section.Path} needs a Directory, the URL of the CA"))
    {
        ExternalAccount = Account(section.GetSection(nameof(AcmeAuthority.ExternalAccount))),
        Profile = section[nameof(AcmeAuthority.Profile)],
        PreferredChain = section[nameof(AcmeAuthority.PreferredChain)],
    };

    private static ExternalAccount? Account(IConfigurationSection section)
    {
        if (section["KeyId"] is not { } id)
        {
            return null;
        }

        // base64url as RFC 8555 §7.3.4 says; some CAs show plain base64 with padding.
        var key = section["Key"]?.TrimEnd('=').Replace('+', '-').Replace('/', '_') ?? "";
        return key.Length > 0 && Base64Url.IsValid(key) ? new ExternalAccount(id, Base64Url.DecodeFromChars(key)) : throw new FormatException($"{section.Path}:Key is not the key in base64url that the CA gave you");
    }

    private static string Challenge(string text) => ChallengeType.All.FirstOrDefault(type => type.Replace("-", "", StringComparison.Ordinal).Equals(text.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase))
        ?? throw new FormatException($"\"{text}\" is no challenge; known are {string.Join(", ", ChallengeType.All)}");

    private static bool? Switch(IConfiguration section, string name) => section[name] is not { } text ? null
        : bool.TryParse(text, out var on) ? on : throw new FormatException($"{name} is \"{text}\", and neither true nor false");

    private static Uri? Url(IConfiguration section, string name) => section[name] is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps ? url : throw new FormatException($"{name} is \"{text}\", and no https:// URL");

    // A list, or in one text with commas.
    private static string[] Texts(IConfiguration section, string name) =>
        [.. section.GetSection(name).GetChildren().Select(one => one.Value).OfType<string>().Concat(section[name]?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [])];

    private static void Replace<T>(IList<T> list, T[] read)
    {
        if (read.Length == 0)
        {
            return;
        }

        list.Clear();
        foreach (var one in read)
        {
            list.Add(one);
        }
    }
}

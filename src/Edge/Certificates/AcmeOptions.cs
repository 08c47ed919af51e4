using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Settings;

namespace Edge.Certificates;

/// <summary>The section <c>certificates.acme</c> of edge.yaml.</summary>
internal sealed record AcmeOptions
{
    /// <summary>The CA's directory URL.</summary>
    public required Uri Directory { get; init; }

    /// <summary>"mailto:" URIs; may be empty.</summary>
    public ImmutableArray<string> Contact { get; init; } = [];

    /// <summary>Roots in PEM that may vouch for the directory besides the system's; null for none.</summary>
    public string? TrustedRoots { get; init; }

    /// <summary>What only a start takes over, so that two readings can be compared; the roots are taken over at any time.</summary>
    public override string ToString() => $"{Directory} {string.Join(' ', Contact)}";

    /// <summary>Reads the section; null when it cannot be used, with the reasons among the section's problems.</summary>
    public static AcmeOptions? Read(MapReader section)
    {
        var directory = ReadDirectory(section);
        var contact = section.List("contact", "a mail address such as me@example.com", static text =>
            text.StartsWith("mailto:", StringComparison.Ordinal) ? text : text.Contains('@') && !text.Contains(' ') ? "mailto:" + text : null);
        var agreed = ReadAgreement(section, directory);
        var root = ReadTrustedRoot(section, out var rootIsUsable);
        section.Done();
        return directory is not null && agreed && rootIsUsable
            ? new AcmeOptions { Directory = directory, Contact = [.. contact], TrustedRoots = root }
            : null;
    }

    private static Uri? ReadDirectory(MapReader section)
    {
        if (section.Node("directory") is null)
        {
            section.Problems.Add(section.Map, "needs \"directory\", the URL of the CA", "Let's Encrypt: https://acme-v02.api.letsencrypt.org/directory; to try things out: https://acme-staging-v02.api.letsencrypt.org/directory");
            return null;
        }

        var text = section.Text("directory");
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps)
        {
            return url;
        }

        // RFC 8555 §6.1: HTTPS only.
        section.Problems.Add(section.Node("directory")!, $"\"{text}\" is not an https:// URL");
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

    private static string? ReadTrustedRoot(MapReader section, out bool usable)
    {
        usable = true;
        if (section.Text("trusted-root") is not { } named)
        {
            return null;
        }

        // As with every path in edge.yaml: relative to the folder of the file.
        var folder = Path.GetDirectoryName(section.Map.File);
        var path = Path.GetFullPath(string.IsNullOrEmpty(folder) ? named : Path.Combine(folder, named));
        var pem = SettingFile.ReadText(section.Node("trusted-root")!, path, section.Problems);
        usable = pem is not null;
        try
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPem(pem);
            usable = roots.Count > 0;
            if (!usable && pem is not null)
            {
                section.Problems.Add(section.Node("trusted-root")!, $"{path} holds no certificate in PEM");
            }
        }
        catch (CryptographicException wrong)
        {
            usable = false;
            section.Problems.Add(section.Node("trusted-root")!, $"is not a file of certificates in PEM: {wrong.Message}");
        }

        return pem;
    }
}

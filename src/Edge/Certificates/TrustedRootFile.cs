using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Settings;

namespace Edge.Certificates;

/// <summary>A file of roots that the settings name.</summary>
internal static class TrustedRootFile
{
    /// <summary>Its text in PEM; null when none is named or it cannot be used.</summary>
    public static string? Read(MapReader section, string key, out bool usable)
    {
        usable = true;
        if (section.Text(key) is not { } named)
        {
            return null;
        }

        // As with every path in edge.yaml: relative to the folder of the file.
        var folder = Path.GetDirectoryName(section.Map.File);
        var path = Path.GetFullPath(string.IsNullOrEmpty(folder) ? named : Path.Combine(folder, named));
        var pem = SettingFile.ReadText(section.Node(key)!, path, section.Problems);
        usable = pem is not null;
        try
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPem(pem);
            usable = roots.Count > 0;
            if (!usable && pem is not null)
            {
                section.Problems.Add(section.Node(key)!, $"{path} holds no certificate in PEM");
            }
        }
        catch (CryptographicException wrong)
        {
            usable = false;
            section.Problems.Add(section.Node(key)!, $"is not a file of certificates in PEM: {wrong.Message}");
        }

        return pem;
    }
}

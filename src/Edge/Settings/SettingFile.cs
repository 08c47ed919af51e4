using System.Security;
using System.Text;
using Edge.Dns.Files;

namespace Edge.Settings;

/// <summary>A small file that a setting names, such as certificates, trust anchors or a secret. It is followed as edge.yaml itself.</summary>
internal static class SettingFile
{
    /// <summary>What it may hold; the roots that a system trusts take a twentieth of it.</summary>
    public const int MostBytes = 4 << 20;

    /// <summary>What to do about something that is no file.</summary>
    public const string Hint = "name an ordinary file, relative to the folder of edge.yaml or from the root";

    /// <summary>Reads it; null when that cannot be done, with the reason among the problems.</summary>
    /// <param name="at">The setting that names it.</param>
    /// <param name="path">Its full path.</param>
    /// <param name="problems">Receives the reason.</param>
    public static byte[]? ReadBytes(Node at, string path, ProblemList problems)
    {
        problems.Reads(path);
        try
        {
            return OrdinaryFile.ReadBytes(path, MostBytes);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            problems.Add(at, $"{path} cannot be read: it is not there", Hint);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or SecurityException or NotSupportedException)
        {
            problems.Add(at, $"{path} cannot be read: {wrong.Message.TrimEnd('.')}", Hint);
        }

        return null;
    }

    /// <summary>Reads it as text; null when that cannot be done, with the reason among the problems.</summary>
    /// <param name="at">The setting that names it.</param>
    /// <param name="path">Its full path.</param>
    /// <param name="problems">Receives the reason.</param>
    public static string? ReadText(Node at, string path, ProblemList problems) =>
        ReadBytes(at, path, problems) is { } bytes ? new StreamReader(new MemoryStream(bytes), Encoding.UTF8).ReadToEnd() : null;
}

using System.Globalization;

namespace Edge.Dns.Zones.Files;

/// <summary>What tells that a file is another than before without reading it.</summary>
internal static class FileFingerprint
{
    /// <summary>
    /// Time of change, length and time of birth: an editor that writes a new file and renames it over the old one may
    /// keep the first two, never the third. Links are followed, because mounted configuration is a chain of links
    /// whose last target is swapped. "-" for a file that cannot be had.
    /// </summary>
    public static string Of(string path)
    {
        try
        {
            FileSystemInfo file = new FileInfo(path);
            if (file.LinkTarget is not null)
            {
                file = file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
            }

            return file is FileInfo { Exists: true } found
                ? string.Create(CultureInfo.InvariantCulture, $"{found.LastWriteTimeUtc.Ticks}/{found.Length}/{found.CreationTimeUtc.Ticks}")
                : "-";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "-";
        }
    }
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Edge.Dns.Files;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Transfer;

/// <summary>
/// Zones of other servers on disk: a plain zone file each, and beside it when it was last known to be current. Files
/// are replaced as a whole, so that what is there after a crash is the last version or the one before.
/// </summary>
internal sealed partial class SecondaryStore
{
    private readonly string _folder;
    private readonly ILogger _logger;

    /// <param name="folder">The folder, which is made when the first zone is written.</param>
    /// <param name="logger">Told about files that cannot be read.</param>
    public SecondaryStore(string folder, ILogger logger) => (_folder, _logger) = (folder, logger);

    /// <summary>Reads a zone; null when there is none that can be used.</summary>
    public (HeldZone Zone, DateTimeOffset Refreshed)? Load(SecondarySetting setting)
    {
        var path = PathOf(setting, ".zone");
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            var result = ZoneFileParser.Parse(path, File.ReadAllBytes(path), setting.Origin);
            if (result.Problems.FirstOrDefault(problem => problem.Severity == ZoneProblemSeverity.Error) is { } problem)
            {
                Log.Unreadable(_logger, path, problem.ToString());
                return null;
            }

            if (!result.Records.Any(record => record.Type == RecordType.SOA && record.Owner == setting.Origin))
            {
                Log.Unreadable(_logger, path, "it has no SOA");
                return null;
            }

            var seconds = long.Parse(File.ReadAllText(PathOf(setting, ".refreshed")), CultureInfo.InvariantCulture);
            return (new HeldZone(setting.Origin, setting.View, [.. result.Records]), DateTimeOffset.FromUnixTimeSeconds(seconds));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or ArgumentOutOfRangeException)
        {
            Log.Unreadable(_logger, path, e.Message);
            return null;
        }
    }

    /// <summary>Writes the zone.</summary>
    public void Save(SecondarySetting setting, HeldZone zone)
    {
        Replace(PathOf(setting, ".zone"), file =>
        {
            file.WriteLine($"; {setting.Origin} serial {zone.Serial}, from {string.Join(", ", setting.Primaries)}. Edge writes this file; changes made here are lost.");
            foreach (var record in zone.Records)
            {
                file.WriteLine(RecordText.Format(record));
            }
        });
    }

    /// <summary>Writes when the zone was last known to be current.</summary>
    public void SaveRefreshed(SecondarySetting setting, DateTimeOffset refreshed) =>
        Replace(PathOf(setting, ".refreshed"), file => file.WriteLine(refreshed.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));

    /// <summary>Removes the zone: it is no longer ours to hold.</summary>
    public void Remove(SecondarySetting setting)
    {
        if (Directory.Exists(_folder))
        {
            File.Delete(PathOf(setting, ".zone"));
            File.Delete(PathOf(setting, ".refreshed"));
        }
    }

    // A name may hold bytes that file systems do not like: 0/25.2.0.192.in-addr.arpa.
    private string PathOf(SecondarySetting setting, string ending)
    {
        var name = new StringBuilder();
        foreach (var c in setting.Origin.ToHostString().ToLowerInvariant())
        {
            name.Append(char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? $"{c}" : $"%{(int)c:x2}");
        }

        return Path.Combine(_folder, setting.View is null ? "" : $"view-{setting.View}", name + ending);
    }

    private static void Replace(string path, Action<StreamWriter> write)
    {
        DurableFile.MakeFolder(Path.GetDirectoryName(path)!);
        DurableFile.Write(path, stream =>
        {
            using var file = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
            write(file);
        });
    }

    private static partial class Log
    {
        [LoggerMessage(1570, LogLevel.Warning, "{File} cannot be used and the zone is transferred anew: {Problem}")]
        public static partial void Unreadable(ILogger logger, string file, string problem);
    }
}

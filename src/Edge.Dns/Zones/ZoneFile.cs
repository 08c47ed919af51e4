using Edge.Dns.Wire;
using Edge.Dns.Zones.Files;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones;

/// <summary>One zone file wherever it lies, for tools: a zone by itself, without views and without being served.</summary>
public static class ZoneFile
{
    /// <summary>Reads a file; files it includes are looked for in its own folder and below.</summary>
    /// <param name="path">Where it lies.</param>
    /// <param name="display">How problems and records call it.</param>
    /// <param name="origin">The zone it is about.</param>
    public static ZoneFileReading Read(string path, string display, Name origin)
    {
        var full = Path.GetFullPath(path);
        var folder = new ZoneFolder(Path.GetDirectoryName(full)!, Path.GetDirectoryName(display) is { Length: > 0 } parent ? parent : ".", []);
        var file = folder.Read(full);
        if (file.Content is null)
        {
            return new ZoneFileReading([], [new ZoneProblem(display, 0, $"cannot read the file: {file.Error}")]);
        }

        var result = ZoneFileParser.Parse(display, file.Content, origin, folder.Open);
        return new ZoneFileReading(result.Records, result.Problems);
    }

    /// <summary>Reads the text of a zone that includes no files.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="display">How problems and records call it.</param>
    /// <param name="origin">The zone it is about.</param>
    public static ZoneFileReading Parse(byte[] content, string display, Name origin)
    {
        var result = ZoneFileParser.Parse(display, content, origin);
        return new ZoneFileReading(result.Records, result.Problems);
    }

    /// <summary>All that is wrong with a file as a whole zone, by line.</summary>
    /// <param name="path">Where it lies.</param>
    /// <param name="display">How problems call it.</param>
    /// <param name="origin">The zone it is about.</param>
    public static IReadOnlyList<ZoneProblem> Check(string path, string display, Name origin)
    {
        var read = Read(path, display, origin);
        var checks = ZoneChecks.Check(origin, read.Records, display, complete: !read.Problems.Any(problem => problem.IsError));
        return [.. read.Problems.Concat(checks).Distinct().OrderBy(problem => problem.File != display).ThenBy(problem => problem.File, StringComparer.Ordinal).ThenBy(problem => problem.Line)];
    }
}

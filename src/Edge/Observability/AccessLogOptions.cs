using Edge.Settings;

namespace Edge.Observability;

/// <summary>The section <c>access-log</c> of edge.yaml: where a line is written for each request, and what it says.</summary>
internal sealed record AccessLogOptions
{
    /// <summary>The word that stands for the standard output.</summary>
    public const string StandardOutput = "stdout";

    public bool Enabled { get; init; } = true;

    /// <summary>A full path; null for the standard output.</summary>
    public string? File { get; init; }

    public AccessLogFormat Format { get; init; } = AccessLogFormat.Json;

    /// <summary>A file of this many bytes is put aside.</summary>
    public long LargestFile { get; init; } = 16 << 20;

    /// <summary>So many that were put aside are kept; 0 leaves the putting aside to others, such as logrotate.</summary>
    public int Keep { get; init; } = 4;

    public QueryDisplay Query { get; init; } = QueryDisplay.Names;

    /// <summary>Of a client's address only its network is written: /24, or /56 for IPv6.</summary>
    public bool OnlyNetworks { get; init; }

    /// <summary>Reads the section: a mapping, "on" or "off".</summary>
    /// <param name="root">All of edge.yaml.</param>
    /// <param name="folder">Where relative files start: the folder of edge.yaml.</param>
    public static AccessLogOptions Read(MapReader root, string folder)
    {
        var data = Path.GetFullPath(root.Text("data") ?? "data", folder);
        var usual = new AccessLogOptions { File = Path.Combine(data, "access.log") };
        switch (root.Node("access-log"))
        {
            case null or ScalarNode { Value: "on" }:
                return usual;
            case ScalarNode { Value: "off" }:
                return usual with { Enabled = false };
            case MapNode map:
                return Read(new MapReader(map, root.Problems), folder, data, usual);
            case var other:
                root.Problems.Add(other, "is neither \"on\" nor \"off\" nor a mapping", "known in it: file, format, file-size, keep, query, clients");
                return usual;
        }
    }

    private static AccessLogOptions Read(MapReader section, string folder, string data, AccessLogOptions usual)
    {
        var file = section.Text("file");
        var path = file is null ? usual.File : file == StandardOutput ? null : Path.GetFullPath(file, folder);
        if (file is not null && path is not null && Obstacle(path, section, folder, data) is { } obstacle)
        {
            section.Problems.Add(section.Node("file")!, $"{file} {obstacle}", "such as data/access.log, or stdout");
        }

        foreach (var key in (string[])["file-size", "keep"])
        {
            if (path is null && section.Node(key) is { } alone)
            {
                section.Problems.Add(alone, "is about a file, and the log goes to the standard output");
            }
        }

        var options = usual with
        {
            File = path,
            Format = section.Word("format", "json", "combined", "vhost-combined") switch { "combined" => AccessLogFormat.Combined, "vhost-combined" => AccessLogFormat.VhostCombined, _ => AccessLogFormat.Json },
            LargestFile = Size(section) ?? usual.LargestFile,
            Keep = section.Number("keep", 0, 1000) ?? usual.Keep,
            Query = section.Word("query", "names", "full", "none") switch { "full" => QueryDisplay.Full, "none" => QueryDisplay.None, _ => QueryDisplay.Names },
            OnlyNetworks = section.Word("clients", "full", "network") == "network",
        };
        section.Done();
        return options;
    }

    private static string? Obstacle(string file, MapReader section, string folder, string data)
    {
        if (Directory.Exists(file))
        {
            return "is a folder; a file is needed";
        }

        if (file.StartsWith("/dev/", StringComparison.Ordinal) || file.StartsWith("/proc/", StringComparison.Ordinal))
        {
            return "is no ordinary file";
        }

        if (section.Map.File is { } settings && file == Path.Combine(folder, Path.GetFileName(settings)))
        {
            return "holds these settings; a file of its own is needed";
        }

        return file.StartsWith(data + Path.DirectorySeparatorChar, StringComparison.Ordinal) && Path.GetExtension(file) != ".log"
            ? "may be one of Edge's own files; in the data folder a name is needed that ends in .log" : null;
    }

    private static long? Size(MapReader section)
    {
        if (section.Text("file-size") is not { } text)
        {
            return null;
        }

        var size = SizeText.Parse(text);
        if (size is null or < 1 << 16 or > 1L << 40)
        {
            section.Problems.Add(section.Node("file-size")!, size is null ? $"\"{text}\" is not an amount of bytes such as 512KB or 16MB" : "must lie between 64KB and 1024GB");
            return null;
        }

        return size;
    }
}

using Edge.Dns.Files;
using Edge.Dns.Queries;
using Edge.Settings;

namespace Edge.Names;

/// <summary>The "queries" section of edge.yaml: what is remembered of what is asked.</summary>
internal static class QueryOptions
{
    private static readonly QueryLogOptions Defaults = new();

    // Edge has no file of such a name in its data folder.
    private static readonly string[] LogExtensions = [".log", ".jsonl"];

    /// <summary>Reads the section: a mapping, or true or false.</summary>
    /// <param name="root">All of edge.yaml.</param>
    /// <param name="folder">Where relative files start: the folder of edge.yaml.</param>
    public static QueryLogOptions Read(MapReader root, string folder)
    {
        switch (root.Node("queries"))
        {
            case null:
                return Defaults;
            case ScalarNode said when SwitchText.Parse(said.Value) is { } enabled:
                return Defaults with { Enabled = enabled };
            case MapNode map:
                return Read(new MapReader(map, root.Problems), folder, root.Text("data") ?? "data", root.Problems);
            case var other:
                root.Problems.Add(other, "is neither true nor false nor a mapping", "known in it: memory, age, clients, file, keep, file-size");
                return Defaults;
        }
    }

    private static QueryLogOptions Read(MapReader section, string folder, string data, ProblemList problems)
    {
        var memory = Size(section, "memory", QueryLogOptions.LeastMemory, 1L << 30, "1MB and 1GB");
        var largest = Size(section, "file-size", 1L << 20, 1L << 40, "1MB and 1024GB");
        var age = section.Duration("age");
        if (age is { } time && (time < TimeSpan.FromMinutes(1) || time > QueryLogOptions.LongestAge))
        {
            problems.Add(section.Node("age")!, "must lie between 1m and 1h: what is asked at home is nobody's business for longer", "write a file to keep more");
        }

        var keep = section.Duration("keep");
        if (keep is { } days && (days < TimeSpan.FromHours(1) || days > TimeSpan.FromDays(3650)))
        {
            problems.Add(section.Node("keep")!, "must lie between 1h and 3650d");
        }

        var clients = section.Word("clients", "full", "network", "hashed");
        var file = section.Text("file");
        foreach (var key in (string[])["keep", "file-size"])
        {
            if (file is null && section.Node(key) is { } alone)
            {
                problems.Add(alone, "is about the file, and there is none", "name it with file: data/queries.log");
            }
        }

        if (file is not null && Obstacle(Path.GetFullPath(file, folder), section, folder, Path.GetFullPath(data, folder)) is { } obstacle)
        {
            problems.Add(section.Node("file")!, $"{file} {obstacle}", "such as data/queries.log");
        }

        section.Done();
        return Defaults with
        {
            Memory = (int)(memory ?? Defaults.Memory),
            Age = age ?? Defaults.Age,
            Clients = clients switch { "network" => ClientDisplay.Network, "hashed" => ClientDisplay.Hashed, _ => ClientDisplay.Full },
            File = file is null ? null : Path.GetFullPath(file, folder),
            KeepFiles = keep ?? Defaults.KeepFiles,
            LargestFile = largest ?? Defaults.LargestFile,
        };
    }

    private static string? Obstacle(string file, MapReader section, string folder, string data)
    {
        if (Directory.Exists(file))
        {
            return "is a folder; a file is needed";
        }

        if (File.Exists(file) && FileFingerprint.Of(file) == FileFingerprint.None)
        {
            return "is a device or a pipe; an ordinary file is needed, since it is renamed when it is full";
        }

        if (section.Map.File is { } settings && file == Path.Combine(folder, Path.GetFileName(settings)))
        {
            return "holds these settings; a file of its own is needed";
        }

        return file.StartsWith(data + Path.DirectorySeparatorChar, StringComparison.Ordinal) && !LogExtensions.Contains(Path.GetExtension(file))
            ? $"may be one of Edge's own files; in the data folder a name is needed that ends in {string.Join(" or ", LogExtensions)}" : null;
    }

    private static long? Size(MapReader section, string key, long least, long most, string between)
    {
        if (section.Text(key) is not { } text)
        {
            return null;
        }

        var size = SizeText.Parse(text);
        if (size is null || size < least || size > most)
        {
            section.Problems.Add(section.Node(key)!, size is null ? $"\"{text}\" is not an amount of bytes such as 512KB or 8MB" : $"must lie between {between}");
            return null;
        }

        return size;
    }
}

using System.Collections.Immutable;

namespace Edge.Dns.Zones.Files;

/// <summary>What is known of one zone file: how it looked when it was read, what it said, and what is served from it.</summary>
internal sealed class LoadedZoneFile(FoundZoneFile file)
{
    public FoundZoneFile File { get; } = file;

    /// <summary>The fingerprint that was read; "" before the first time.</summary>
    public string Read { get; set; } = "";

    /// <summary>The fingerprint of the last look, to know whether somebody is still writing.</summary>
    public string Seen { get; set; } = "";

    /// <summary>True when the last look did not find the file.</summary>
    public bool Missing { get; set; }

    /// <summary>The files it includes, by path.</summary>
    public ImmutableArray<string> Included { get; set; } = [];

    /// <summary>What the file says now, as far as its lines can be read; null when the file cannot.</summary>
    public DeclaredZone? Parsed { get; set; }

    /// <summary>Whether every line of it could be read.</summary>
    public bool IsComplete => Parsed is not null && !ReadProblems.Any(problem => problem.IsError);

    /// <summary>What reading the file alone found.</summary>
    public ImmutableArray<ZoneProblem> ReadProblems { get; set; } = [];

    /// <summary>All that is wrong with it, as the user was told.</summary>
    public ImmutableArray<ZoneProblem> Problems { get; set; } = [];

    /// <summary>What is served from it: its last version without errors; null when there was none yet.</summary>
    public DeclaredZone? Served { get; set; }
}

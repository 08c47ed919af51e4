using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;
using Xunit;

namespace Edge.Dns.Tests.Interop;

/// <summary>A zone file beside these tests that all servers load.</summary>
internal sealed record SharedZone(Name Origin, string File)
{
    /// <summary>The folder of these tests in the repository.</summary>
    public static string Folder { get; } = FindFolder();

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SharedZone> All { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Folder, "zones"), "*.zone").Order(StringComparer.Ordinal)
            .Select(file => new SharedZone(Name.Parse(Path.GetFileNameWithoutExtension(file)), file)),
    ];

    public Zone Load()
    {
        var result = ZoneFileParser.Parse(Path.GetFileName(File), System.IO.File.ReadAllBytes(File), Origin);
        Assert.Empty(result.Problems);
        return Zone.Build(Origin, result.Records);
    }

    private static string FindFolder()
    {
        var folder = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(folder, "Edge.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("no Edge.sln above the tests");
        }

        return Path.Combine(folder, "tests", "Edge.Dns.Tests", "Interop");
    }
}

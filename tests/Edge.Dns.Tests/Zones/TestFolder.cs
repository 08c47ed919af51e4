namespace Edge.Dns.Tests.Zones;

/// <summary>Files that lie beside the tests of zones in the repository.</summary>
internal static class TestFolder
{
    public static string Of(string name)
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Edge.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return Path.Combine(folder ?? throw new DirectoryNotFoundException("no Edge.sln above the tests"), "tests", "Edge.Dns.Tests", "Zones", name);
    }
}

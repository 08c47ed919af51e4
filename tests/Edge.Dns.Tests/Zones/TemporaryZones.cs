namespace Edge.Dns.Tests.Zones;

/// <summary>A zones folder of its own that goes with the test.</summary>
internal sealed class TemporaryZones : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("edge-zones").FullName;

    public void Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    public void Delete(string name) => File.Delete(System.IO.Path.Combine(Path, name));

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}

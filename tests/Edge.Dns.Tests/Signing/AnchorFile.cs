namespace Edge.Dns.Tests.Signing;

/// <summary>A file of trust anchors for delv.</summary>
internal sealed class AnchorFile : IDisposable
{
    public string Path { get; } = System.IO.Path.GetTempFileName();

    public AnchorFile(string text) => File.WriteAllText(Path, text);

    /// <summary>What delv prints of an answer of a server on 127.0.0.1.</summary>
    public string Delv(int port, string from, string name, string type) =>
        Tool.Run("delv", "@127.0.0.1", "-p", $"{port}", "-b", from, "-a", Path, "+root=example.com", name, type).Output;

    public void Dispose() => File.Delete(Path);
}

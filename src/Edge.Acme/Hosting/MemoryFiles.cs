using System.Collections.Concurrent;

namespace Edge.Acme.Hosting;

/// <summary>Files that last as long as the process.</summary>
internal sealed class MemoryFiles : IAcmeFiles
{
    private readonly ConcurrentDictionary<string, string> _files = new();

    public string PathOf(string name) => name;

    public string? Read(string name) => _files.GetValueOrDefault(name);

    public void Write(string name, string text) => _files[name] = text;

    public void Delete(string name) => _files.TryRemove(name, out _);

    public IEnumerable<string> Folders() => _files.Keys.Where(name => name.Contains('/')).Select(name => name[..name.IndexOf('/')]).Distinct();
}

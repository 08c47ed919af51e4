using Edge.Acme;
using Edge.Dns.Files;

namespace Edge.Certificates;

/// <summary>A CA's files in a folder of the data folder: whole or not at all, 0600.</summary>
internal sealed class AcmeFolder(string folder) : IAcmeFiles
{
    /// <summary>The folder of a CA below Edge's data folder.</summary>
    public static AcmeFolder Of(string data, Uri directory) => new(Path.Combine(data, "acme", CaName.Of(directory)));

    public string PathOf(string name) => Path.Combine(folder, name);

    public string? Read(string name)
    {
        try
        {
            return File.ReadAllText(PathOf(name));
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException(refused.Message, refused);
        }
    }

    public void Write(string name, string text)
    {
        var path = PathOf(name);
        DurableFile.MakeFolder(Path.GetDirectoryName(path)!);
        DurableFile.Write(path, text);
    }

    public void Delete(string name)
    {
        if (File.Exists(PathOf(name)))
        {
            File.Delete(PathOf(name));
            DurableFile.FlushFolder(Path.GetDirectoryName(PathOf(name))!);
        }
    }
}

namespace Edge.Acme.Hosting;

/// <summary>The files of one CA: an account, its orders and its certificates say nothing to another.</summary>
/// <param name="files">All files.</param>
/// <param name="name">The CA as its folder is named.</param>
internal sealed class CaFiles(IAcmeFiles files, string name) : IAcmeFiles
{
    private readonly string _folder = name + "/";

    public CaFiles(IAcmeFiles files, Uri directory)
        : this(files, CaName.Of(directory))
    {
    }

    public string PathOf(string name) => files.PathOf(_folder + name);

    public string? Read(string name) => files.Read(_folder + name);

    public void Write(string name, string text) => files.Write(_folder + name, text);

    public void Delete(string name) => files.Delete(_folder + name);
}

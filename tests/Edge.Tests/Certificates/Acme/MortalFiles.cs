using Edge.Acme;

namespace Edge.Tests.Certificates.Acme;

/// <summary>Real files, until the process dies.</summary>
internal sealed class MortalFiles(IAcmeFiles files, Fate fate) : IAcmeFiles
{
    public string PathOf(string name) => files.PathOf(name);

    public string? Read(string name) => files.Read(name);

    public void Write(string name, string text)
    {
        if (fate.Full)
        {
            throw new IOException("No space left on device");
        }

        fate.Step(() =>
        {
            files.Write(name, text);
            return 0;
        });
    }

    public void Delete(string name) => fate.Step(() =>
    {
        files.Delete(name);
        return 0;
    });
}

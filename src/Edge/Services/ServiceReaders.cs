namespace Edge.Services;

/// <summary>Several readers that are told one after the other, where the catalogue knows one.</summary>
internal sealed class ServiceReaders(params IServiceReader[] readers) : IServiceReader
{
    public void Apply(ServiceSet services)
    {
        foreach (var reader in readers)
        {
            reader.Apply(services);
        }
    }
}

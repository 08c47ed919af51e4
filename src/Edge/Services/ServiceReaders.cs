namespace Edge.Services;

/// <summary>Several readers that are told one after the other, where the catalogue knows one.</summary>
internal sealed class ServiceReaders(params IServiceReader[] readers) : IServiceReader
{
    public void Apply(ServiceSet services)
    {
        var wrong = new List<Exception>();
        foreach (var reader in readers)
        {
            try
            {
                reader.Apply(services);
            }
            catch (Exception one)
            {
                // The others still are told.
                wrong.Add(one);
            }
        }

        if (wrong.Count > 0)
        {
            throw new AggregateException(wrong);
        }
    }
}

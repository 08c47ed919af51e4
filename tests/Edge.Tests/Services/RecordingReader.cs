using Edge.Services;

namespace Edge.Tests.Services;

/// <summary>Keeps what it was given, and can be asked at the moment it is given.</summary>
internal sealed class RecordingReader(Action<ServiceSet>? applied = null) : IServiceReader
{
    public ServiceSet Current { get; private set; } = ServiceSet.Empty;

    public List<ServiceSet> All { get; } = [];

    public void Apply(ServiceSet services)
    {
        Current = services;
        All.Add(services);
        applied?.Invoke(services);
    }
}

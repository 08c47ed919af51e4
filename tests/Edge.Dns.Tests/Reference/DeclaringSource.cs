using Edge.Dns.Zones;

namespace Edge.Dns.Tests.Reference;

/// <summary>A source that declares what it is told.</summary>
internal sealed class DeclaringSource(string name) : IZoneSource
{
    public string Name => name;

    public ZoneContribution Current { get; private set; } = ZoneContribution.Empty;

    public event Action? Changed;

    public void Set(ZoneContribution contribution)
    {
        Current = contribution;
        Changed?.Invoke();
    }
}

using Edge.Dns.Zones;

namespace Edge.Dns.Tests.Signing;

/// <summary>A source that says what a test says.</summary>
internal sealed class StatedSource(string name, ZoneContribution contribution) : IZoneSource
{
    public string Name => name;

    public ZoneContribution Current { get; private set; } = contribution;

    public event Action? Changed;

    public void Say(ZoneContribution contribution)
    {
        Current = contribution;
        Changed?.Invoke();
    }
}

using Edge.Dns.Zones;

namespace Edge.Tests.Names.Leases;

/// <summary>A source that says what a test wants.</summary>
internal sealed class SettableSource(string name) : IZoneSource
{
    public string Name => name;

    public ZoneContribution Current { get; private set; } = ZoneContribution.Empty;

    public event Action? Changed;

    public void Set(params DeclaredZone[] zones) => Say(Current with { Zones = [.. zones] });

    public void Overlay(params OverlayRecord[] records) => Say(Current with { Overlay = [.. records] });

    public void Change(params ChangedRRset[] changes) => Say(Current with { Changes = [.. changes] });

    private void Say(ZoneContribution contribution)
    {
        Current = contribution;
        Changed?.Invoke();
    }
}

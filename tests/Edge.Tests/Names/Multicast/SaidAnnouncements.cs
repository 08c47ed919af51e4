using System.Collections.Immutable;
using Edge.Dns.Multicast;
using Edge.Names.Multicast;
using Edge.Services;

namespace Edge.Tests.Names.Multicast;

/// <summary>Neighbours that announce what a test says.</summary>
internal sealed class SaidAnnouncements : IAnnouncements
{
    private ImmutableArray<FoundInstance> _found = [];

    public event Action? Changed;

    public ImmutableArray<AnnouncedService> Wanted { get; private set; } = [];

    public void Say(params FoundInstance[] found)
    {
        _found = [.. found];
        Changed?.Invoke();
    }

    public Service Resolve(Service service) => AnnouncedPlaces.Resolve(service, _found, asks: true);

    public void Follow(ImmutableArray<AnnouncedService> wanted) => Wanted = wanted;
}

using System.Collections.Immutable;
using Edge.Dns.Multicast;

namespace Edge.Names.Multicast;

/// <summary>What of the services is told to neighbours.</summary>
/// <param name="places">Where the gateway listens.</param>
/// <param name="services">The services.</param>
internal sealed class MulticastServices(GatewayPlaces places, SettledServices services)
{
    private volatile Dictionary<string, string> _hosts = [];

    /// <summary>What is to be published now.</summary>
    /// <param name="subtypes">Parts of the types of the web under which it is found as well.</param>
    public ImmutableArray<Publication> Publications(ImmutableArray<string> subtypes)
    {
        var now = services.Services;
        _hosts = new(now.Select(service => KeyValuePair.Create(service.Name, service.Hosts.FirstOrDefault(host => !host.StartsWith('*')) ?? "")), StringComparer.Ordinal);
        // What a neighbour announces already is not announced a second time: two boxes that adopt would do so from each other for ever.
        return [.. now.Where(service => service.Announced is null).Select(service => service.Stream is null ? places.Publish(service.Name, subtypes) : places.PublishHost(service.Name))];
    }

    /// <summary>The host under which a published service is served; null when there is none.</summary>
    public string? HostOf(string label) => _hosts.GetValueOrDefault(label) is { Length: > 0 } host ? host : null;
}

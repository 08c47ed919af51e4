using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Multicast;

namespace Edge.Names.Multicast;

/// <summary>Where the gateway listens, as neighbours may be told.</summary>
/// <param name="Http">Endpoints of plain HTTP.</param>
/// <param name="Https">Endpoints of HTTPS.</param>
internal sealed record GatewayPlaces(ImmutableArray<IPEndPoint> Http, ImmutableArray<IPEndPoint> Https)
{
    private static readonly ImmutableArray<string> Root = ["path=/"];

    /// <summary>Whether a neighbour can come at all: not when the gateway listens for this machine alone.</summary>
    public bool AreReachable => Http.Concat(Https).Any(place => !IPAddress.IsLoopback(place.Address));

    /// <summary>A web service under its label, found by its type and by parts of it.</summary>
    public Publication Publish(string label, ImmutableArray<string> subtypes) => new(label, [.. Instances().Select(instance => instance with { Subtypes = subtypes })], At());

    /// <summary>A service that is no web service: its host, and nothing that says how it is spoken to.</summary>
    public Publication PublishHost(string label) => new(label, [], At());

    private IEnumerable<PublishedInstance> Instances()
    {
        foreach (var (type, places) in ((string, ImmutableArray<IPEndPoint>)[])[("_http._tcp", Http), ("_https._tcp", Https)])
        {
            if (places.FirstOrDefault(place => !IPAddress.IsLoopback(place.Address) && place.Port != 0) is { } place)
            {
                yield return new PublishedInstance(type, place.Port, Root);
            }
        }
    }

    private ImmutableArray<IPAddress> At()
    {
        var places = Http.Concat(Https).Select(place => place.Address).Distinct().ToList();
        return places.Exists(address => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)) ? [] : [.. places];
    }
}

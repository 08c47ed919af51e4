using System.Collections.Immutable;
using System.Net.Sockets;
using Edge.Dns.Multicast;
using Edge.Services;
using Edge.Services.Routing;

namespace Edge.Names.Multicast;

/// <summary>Puts the places that neighbours announce into the services that follow them.</summary>
internal static class AnnouncedPlaces
{
    private const int Found = 302;

    /// <summary>Where a service of the web is; null for another.</summary>
    public static Uri? Of(FoundInstance found) => found.Type switch
    {
        "_http._tcp" => new Uri($"http://{Address(found)}:{found.Port}"),
        "_https._tcp" => new Uri($"https://{Address(found)}:{found.Port}"),
        _ => null,
    };

    /// <summary>The service with the place of now; one that answers that there is none, where nothing is heard.</summary>
    public static Service Resolve(Service service, ImmutableArray<FoundInstance> all, bool asks)
    {
        var wanted = service.Announced!;
        var found = wanted.Types.Select(type => all.FirstOrDefault(one => one.Type == type && one.Instance.Equals(wanted.Instance, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(one => one is not null);
        return found is not null ? At(service, found)
            : WaitingService.Of(
                service with { To = [] },
                new NotReadyAnswer("away", "Not there", $"{service.Name} is not there at the moment.", 30),
                asks ? $"nothing is heard in the LAN of {FoundText.Shown(wanted.Instance)}" : "mdns is off in edge.yaml")!;
    }

    private static Service At(Service service, FoundInstance found)
    {
        var place = Of(found)!;
        ServiceRoute[] routes = [.. (service.Routing?.Routes ?? [new ServiceRoute { Field = "", Where = service.Where, To = [new Destination(AnnouncedService.Somewhere)] }])
            .Select(route => route with { To = [.. route.To.Select(to => to.Uri == AnnouncedService.Somewhere ? to with { Uri = place } : to)] })];
        var first = FoundText.Path(found) is { } path ? First(service, path) : null;
        return service with
        {
            To = [.. service.To.Select(to => to == AnnouncedService.Somewhere ? place : to)],
            Routing = first is not null ? new ServiceRouting([.. routes, first]) : service.Routing is null ? null : new ServiceRouting([.. routes]),
            Remark = $"where {FoundText.Shown(found.Instance)} ({found.Type}) of {FoundText.Shown(found.Host.ToHostString())} is, heard by mDNS on {found.Interface}",
        };
    }

    // Who asks for nothing in particular is led to the page that the device wants to be opened first.
    private static ServiceRoute First(Service service, string path) => new()
    {
        Field = "mdns.path",
        Where = service.Where,
        Match = new RequestMatch { Paths = [new PathPattern(PathKind.Exact, "/")] },
        Answer = new RedirectAnswer(Found, null, KeepsPath: true, new TextReplacement("^/$", path.Replace("$", "$$", StringComparison.Ordinal))),
    };

    private static string Address(FoundInstance found) => found.Addresses[0] is { AddressFamily: AddressFamily.InterNetworkV6 } address ? $"[{address}]" : found.Addresses[0].ToString();
}

using System.Collections.Immutable;
using Edge.Services;

namespace Edge.Streams;

/// <summary>Where the connections of one service go. The same object for as long as its declaration stays the same, so that what is known of its destinations outlives changes elsewhere.</summary>
internal sealed class StreamRoute(Service service, ServiceStream stream)
{
    public Service Service { get; } = service;

    public string Name => Service.Name;

    public ServiceStream Stream { get; } = stream;

    public bool IsForLan => Service.Expose == Exposure.Lan;

    /// <summary>Who may use it; null where everybody may whom <see cref="IsForLan"/> lets in.</summary>
    public ServiceAccess? Access => Service.Access;

    public StreamDestinations Destinations { get; } = new([.. stream.To.Select(to => new StreamDestination(to.DnsSafeHost, to.Port))]);
}

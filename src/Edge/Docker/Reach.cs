using System.Collections.Immutable;
using System.Net;

namespace Edge.Docker;

/// <summary>How this machine reaches a container: at an address of its own, or by the ports that are published.</summary>
/// <param name="Address">The address, for every port; null for published ports only.</param>
/// <param name="Published">The published ports.</param>
/// <param name="How">The choice and its reason, for a person.</param>
internal sealed record Reach(IPAddress? Address, ImmutableArray<PublishedPort> Published, string How)
{
    /// <summary>Where a port of the container is reached; null when it is not.</summary>
    public IPEndPoint? Find(int port, bool isUdp) => Address is not null
        ? new IPEndPoint(Address, port)
        : Published.FirstOrDefault(published => published.Port == port && published.IsUdp == isUdp)?.At;
}

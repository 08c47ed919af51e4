using System.Net;

namespace Edge.Docker;

/// <summary>A network that a container is in.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its number; with Podman its name again.</param>
/// <param name="Address">The container's address there.</param>
internal sealed record ContainerNetwork(string Name, string Id, IPAddress Address);

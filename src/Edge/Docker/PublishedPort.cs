using System.Net;

namespace Edge.Docker;

/// <summary>A port of a container that is one of this machine's as well.</summary>
/// <param name="Port">The container's port.</param>
/// <param name="IsUdp">UDP; TCP otherwise.</param>
/// <param name="At">Where this machine has it, an address that can be connected to.</param>
internal sealed record PublishedPort(int Port, bool IsUdp, IPEndPoint At);

namespace Edge.Streams;

/// <summary>What one port is for: everything that comes to it, or TLS by its server name. Immutable.</summary>
/// <param name="Whole">Takes every connection; null for a port that is shared by name.</param>
/// <param name="ByName">Takes connections by the name in their ClientHello.</param>
internal sealed record StreamPort(StreamRoute? Whole, StreamHosts ByName)
{
    /// <summary>Whether a service of that name has the port, alone or with others.</summary>
    public bool IsOf(string name) => Whole?.Name == name || ByName.Routes.Any(route => route.Name == name);
}

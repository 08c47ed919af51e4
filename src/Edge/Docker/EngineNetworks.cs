namespace Edge.Docker;

/// <summary>The networks of an engine, by name and by number.</summary>
/// <param name="All">All of them.</param>
/// <param name="Separate">Those whose containers this machine does not reach, though it may be in the same subnet.</param>
internal sealed record EngineNetworks(IReadOnlySet<string> All, IReadOnlySet<string> Separate)
{
    public static readonly EngineNetworks None = new(new HashSet<string>(), new HashSet<string>());

    public bool Knows(Container container) => container.Networks.All(network => All.Contains(network.Id) || All.Contains(network.Name));
}

using System.Collections.Immutable;
using System.Net;
using Edge.Docker;

namespace Edge.Tests.Docker;

/// <summary>Containers as an engine would tell of them.</summary>
internal static class Containers
{
    /// <summary>A container "web" at 172.17.0.2 of the network bridge, which exposes 8080.</summary>
    /// <param name="labels">"edge.host=a.example.com", separated by " | ".</param>
    public static Container Web(string labels) => new()
    {
        Id = "3f2a1b0c9d8e7f6a5b4c",
        Name = "web",
        Created = 7,
        State = ContainerState.Running,
        Labels = labels.Split(" | ", StringSplitOptions.RemoveEmptyEntries).Select(label => label.Split('=', 2)).ToImmutableSortedDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal),
        NetworkMode = "bridge",
        Networks = [In("bridge", "172.17.0.2")],
        Exposed = [8080],
    };

    public static ContainerNetwork In(string network, string address) => new(network, $"id-of-{network}", IPAddress.Parse(address));

    public static ReachFinder Finder(string? preferred = null) => new(preferred, new HashSet<string> { "id-of-mac" }, Links);

    /// <summary>This machine is in these.</summary>
    public static IReadOnlyList<IPNetwork> Links { get; } = [IPNetwork.Parse("172.17.0.0/16"), IPNetwork.Parse("172.18.0.0/16"), IPNetwork.Parse("192.168.1.0/24"), IPNetwork.Parse("fd00:18::/64")];
}

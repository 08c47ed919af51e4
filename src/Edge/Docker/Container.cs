using System.Collections.Immutable;

namespace Edge.Docker;

/// <summary>What an engine says of a container.</summary>
internal sealed record Container
{
    /// <summary>Every label that is meant for us begins with it.</summary>
    public const string LabelPrefix = "edge.";

    /// <summary>Set by docker compose and podman-compose: the service's name there, without project and number.</summary>
    public const string ComposeService = "com.docker.compose.service";

    private const string ComposeProject = "com.docker.compose.project";

    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>When it was made, in ticks: the older keeps a name.</summary>
    public required long Created { get; init; }

    public required ContainerState State { get; init; }

    public required ImmutableSortedDictionary<string, string> Labels { get; init; }

    /// <summary>"bridge", "host", "none", "container:ID", or the name of a network.</summary>
    public string NetworkMode { get; init; } = "";

    public ImmutableArray<ContainerNetwork> Networks { get; init; } = [];

    /// <summary>The TCP ports that it says it listens at, in order.</summary>
    public ImmutableArray<int> Exposed { get; init; } = [];

    public ImmutableArray<PublishedPort> Published { get; init; } = [];

    public bool SaysServices => Labels.Keys.Any(label => label.StartsWith(LabelPrefix, StringComparison.Ordinal));

    /// <summary>The container whose network this one uses; null for its own.</summary>
    public string? Host => NetworkMode.StartsWith("container:", StringComparison.Ordinal) ? NetworkMode["container:".Length..] : null;

    /// <summary>How it is called where something is wrong with it: "container web 3f2a1b0c9d8e".</summary>
    public string Where => $"container {Name} {(Id.Length > 12 ? Id[..12] : Id)}";

    /// <summary>
    /// Who has what it declares, whatever becomes of this one container: "compose service shop/web", whose containers
    /// stand in for each other, or "container web", which may be made anew.
    /// </summary>
    public string Holder => Labels.TryGetValue(ComposeProject, out var project) && Labels.TryGetValue(ComposeService, out var service) && !IsOnce
        ? $"compose service {project}/{service}"
        : $"container {Name}";

    /// <summary>The labels that are meant for us, to be compared: containers that say the same are replicas of each other.</summary>
    public string Said => string.Join('\n', Labels.Where(label => label.Key.StartsWith(LabelPrefix, StringComparison.Ordinal)).Select(label => $"{label.Key}={label.Value}"));

    // What "docker compose run" starts has the labels of the service and is not one of its replicas.
    private bool IsOnce => Labels.TryGetValue("com.docker.compose.oneoff", out var once) && once.Equals("true", StringComparison.OrdinalIgnoreCase);
}

using System.Collections.Immutable;

namespace Edge.Docker;

/// <summary>What an engine says of a container.</summary>
internal sealed record Container
{
    /// <summary>Every label that is meant for us begins with it.</summary>
    public const string LabelPrefix = "edge.";

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

    /// <summary>How it is called in reports: "container web 3f2a1b0c9d8e".</summary>
    public string Where => $"container {Name} {(Id.Length > 12 ? Id[..12] : Id)}";
}

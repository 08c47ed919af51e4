using Edge.Settings;

namespace Edge.Docker;

/// <summary>What the labels of a container say of one service, as a file would say it.</summary>
/// <param name="Name">The service's name.</param>
/// <param name="Map">Its keys, each with the label as its place.</param>
/// <param name="Network">The network by which the labels want it reached; null for whichever.</param>
internal sealed record LabelledService(string Name, MapNode Map, string? Network);

namespace Edge.Docker;

/// <summary>A container of the engine's list.</summary>
/// <param name="Id">Its number.</param>
/// <param name="SaysServices">It has labels of ours.</param>
internal sealed record ListedContainer(string Id, bool SaysServices);

namespace Edge.Docker;

/// <summary>Something happened to a container.</summary>
/// <param name="Container">Its number.</param>
/// <param name="IsEarly">It may be told before it is to be seen: a second look, a moment later, is needed.</param>
internal sealed record EngineEvent(string Container, bool IsEarly);

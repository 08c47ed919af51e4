namespace Edge.Services.Routing;

/// <summary>The same answer to everybody.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Type">The type of its text.</param>
/// <param name="Text">What it says.</param>
internal sealed record FixedAnswer(int Status, string Type, string Text) : RouteAnswer;

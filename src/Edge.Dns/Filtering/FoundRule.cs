namespace Edge.Dns.Filtering;

/// <summary>A rule where it stands.</summary>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Text">The line, as <see cref="ShownText"/>.</param>
public sealed record FoundRule(int Line, string Text);

namespace Edge.Settings;

/// <summary>A single value; <paramref name="Value"/> is null where the document says null or nothing.</summary>
internal sealed record ScalarNode(string? File, int Line, string Path, string? Value) : Node(File, Line, Path)
{
    public override string Kind => Value is null ? "nothing" : "a value";
}

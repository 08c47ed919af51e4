namespace Edge.Settings;

/// <summary>A sequence of pieces.</summary>
internal sealed record ListNode(string? File, int Line, string Path, IReadOnlyList<Node> Items) : Node(File, Line, Path)
{
    public override string Kind => "a list";
}

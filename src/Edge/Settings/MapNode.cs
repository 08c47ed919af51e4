namespace Edge.Settings;

/// <summary>A mapping with its keys in the order of the document.</summary>
internal sealed record MapNode(string? File, int Line, string Path, IReadOnlyList<KeyValuePair<string, Node>> Entries) : Node(File, Line, Path)
{
    public override string Kind => "a mapping";

    /// <summary>The piece under <paramref name="key"/>, or null.</summary>
    public Node? Find(string key)
    {
        foreach (var (name, node) in Entries)
        {
            if (name == key)
            {
                return node;
            }
        }

        return null;
    }
}

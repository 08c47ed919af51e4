namespace Edge.Settings;

/// <summary>A piece of a YAML or JSON document that remembers where it stands.</summary>
/// <param name="File">The file as the user knows it; null for a request body.</param>
/// <param name="Line">1-based line of the piece.</param>
/// <param name="Path">Dotted path from the document's root, "" for the root.</param>
internal abstract record Node(string? File, int Line, string Path)
{
    /// <summary>What a person would call it: "a mapping", "a list", "a value".</summary>
    public abstract string Kind { get; }
}

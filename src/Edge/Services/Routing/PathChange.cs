namespace Edge.Services.Routing;

/// <summary>What becomes of a request's path on the way to the destination, in this order.</summary>
internal sealed record PathChange
{
    /// <summary>Taken off the front, where it stands there as whole segments; null for nothing.</summary>
    public string? Strip { get; init; }

    /// <summary>Put in front; null for nothing.</summary>
    public string? Add { get; init; }

    /// <summary>An expression whose first match is replaced; null for none.</summary>
    public TextReplacement? Replace { get; init; }
}

namespace Edge.Services.Routing;

/// <summary>Which requests a route takes. What is not said asks for nothing.</summary>
internal sealed record RequestMatch
{
    public static readonly RequestMatch Everything = new();

    /// <summary>Hosts among those of the service; none for all of them.</summary>
    public ValueList<string> Hosts { get; init; }

    /// <summary>Any of these paths.</summary>
    public ValueList<PathPattern> Paths { get; init; }

    /// <summary>Any of these methods, in capitals.</summary>
    public ValueList<string> Methods { get; init; }

    /// <summary>All of these.</summary>
    public ValueList<FieldCondition> Headers { get; init; }

    /// <summary>All of these.</summary>
    public ValueList<FieldCondition> Query { get; init; }

    /// <summary>Clients in any of these: networks, addresses, or "lan" for the clients of that view.</summary>
    public ValueList<string> Clients { get; init; }

    /// <summary>A route with a higher one is tried earlier, whatever it asks for.</summary>
    public int Priority { get; init; }

    /// <summary>What is asked for beside the service's hosts, so that two routes with the same text take the same requests; empty for everything.</summary>
    public string Text => AsksForNothing ? "" : string.Join(", ", Parts());

    // Nearly every service does.
    private bool AsksForNothing => Hosts.Count == 0 && Paths.Count == 0 && Methods.Count == 0 && Headers.Count == 0 && Query.Count == 0 && Clients.Count == 0 && Priority == 0;

    private IEnumerable<string> Parts()
    {
        foreach (var (name, values) in new (string, IEnumerable<object>)[]
        {
            ("host", Hosts), ("path", Paths), ("method", Methods), ("header", Headers), ("query", Query), ("clients", Clients),
        })
        {
            if (string.Join(' ', values.Select(value => value.ToString()).Order(StringComparer.Ordinal)) is { Length: > 0 } text)
            {
                yield return $"{name} {text}";
            }
        }

        if (Priority != 0)
        {
            yield return FormattableString.Invariant($"priority {Priority}");
        }
    }
}

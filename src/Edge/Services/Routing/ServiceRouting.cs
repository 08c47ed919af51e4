namespace Edge.Services.Routing;

/// <summary>What a service says about its requests beside host, destination and exposure.</summary>
/// <param name="Routes">Its routes, its own first.</param>
internal sealed record ServiceRouting(ValueList<ServiceRoute> Routes)
{
    /// <summary>What it takes of its hosts' requests: services that take different ones may share a host.</summary>
    public string Claim => string.Join("; ", Routes.Select(route => route.Match.Text).Order(StringComparer.Ordinal));
}

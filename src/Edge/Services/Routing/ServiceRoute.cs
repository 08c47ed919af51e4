namespace Edge.Services.Routing;

/// <summary>One route of a service: which requests it takes and what becomes of them.</summary>
internal sealed record ServiceRoute
{
    /// <summary>"" for the service's own, "routes[1]" for one of its list.</summary>
    public required string Field { get; init; }

    /// <summary>Where it stands: "proxy-routes/shop.yaml:7".</summary>
    public required string Where { get; init; }

    public RequestMatch Match { get; init; } = RequestMatch.Everything;

    /// <summary>Where requests go; several are balanced.</summary>
    public ValueList<Destination> To { get; init; }

    /// <summary>What the gateway answers itself; null when requests are forwarded.</summary>
    public RouteAnswer? Answer { get; init; }

    /// <summary>What becomes of the path; null for nothing.</summary>
    public PathChange? Path { get; init; }

    /// <summary>The host that the destination sees: a name, or "destination" for its own; null for the asked one.</summary>
    public string? ToHost { get; init; }

    /// <summary>Changes to the headers of requests; null when nothing is said.</summary>
    public ValueList<HeaderChange>? RequestHeaders { get; init; }

    /// <summary>Changes to the headers of answers; null when nothing is said.</summary>
    public ValueList<HeaderChange>? ResponseHeaders { get; init; }

    /// <summary>How requests are shared out, limited and guarded.</summary>
    public RouteTraffic Traffic { get; init; } = RouteTraffic.Plain;

    /// <summary>The service is closed for a while; null when it is open.</summary>
    public MaintenanceAnswer? Maintenance { get; init; }

    /// <summary>Requests come to an end somewhere.</summary>
    public bool Leads => To.Count > 0 || Answer is not null || Maintenance is not null;
}

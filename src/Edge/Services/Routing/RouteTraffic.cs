namespace Edge.Services.Routing;

/// <summary>How a route's requests are shared out, limited and guarded. What is null was not said.</summary>
internal sealed record RouteTraffic
{
    public static readonly RouteTraffic Plain = new();

    public Balancing? Balance { get; init; }

    /// <summary>The cookie that keeps a client at its destination; empty for one that needs no name.</summary>
    public string? StickyCookie { get; init; }

    public HealthProbe? Health { get; init; }

    /// <summary>How many times more a request is sent that may safely be sent twice.</summary>
    public int? Retries { get; init; }

    public BreakerSettings? Breaker { get; init; }

    /// <summary>How long a connection to a destination may take to come about.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>How long a whole request may take.</summary>
    public TimeSpan? RequestTimeout { get; init; }

    /// <summary>How long nothing may move in a request.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>The most bytes of a request's body.</summary>
    public long? MaxBody { get; init; }

    /// <summary>Destinations are asked with HTTP/2, also without TLS.</summary>
    public bool? Http2 { get; init; }

    /// <summary>What the answer is compressed with, the preferred first.</summary>
    public ValueList<string>? Compress { get; init; }

    /// <summary>An HTML file for what goes wrong.</summary>
    public string? ErrorPage { get; init; }

    /// <summary>What browsers are told about HTTPS.</summary>
    public HstsRule? Hsts { get; init; }

    /// <summary>This, and what another says where this says nothing.</summary>
    public RouteTraffic Or(RouteTraffic other) => new()
    {
        Balance = Balance ?? other.Balance,
        StickyCookie = StickyCookie ?? other.StickyCookie,
        Health = Health ?? other.Health,
        Retries = Retries ?? other.Retries,
        Breaker = Breaker ?? other.Breaker,
        ConnectTimeout = ConnectTimeout ?? other.ConnectTimeout,
        RequestTimeout = RequestTimeout ?? other.RequestTimeout,
        IdleTimeout = IdleTimeout ?? other.IdleTimeout,
        MaxBody = MaxBody ?? other.MaxBody,
        Http2 = Http2 ?? other.Http2,
        Compress = Compress ?? other.Compress,
        ErrorPage = ErrorPage ?? other.ErrorPage,
        Hsts = Hsts ?? other.Hsts,
    };
}

namespace Edge.Client;

/// <summary>
/// How an application is registered. What code does not say is taken from the section <c>Edge</c> of the application's
/// settings (<c>Edge:Url</c>, <c>Edge:Token</c>, …), then from the environment (<c>EDGE_URL</c>, <c>EDGE_TOKEN</c>).
/// </summary>
public sealed class EdgeRegistrationOptions
{
    /// <summary>Where Edge listens on the machine it runs on, unless its settings say otherwise.</summary>
    public static readonly Uri OnThisMachine = new("http://127.0.0.1:8480");

    /// <summary>Edge's registration API: <c>admin.listen</c> of its settings.</summary>
    public Uri Url { get; set; } = OnThisMachine;

    /// <summary>The token, as <c>edge token create</c> shows it.</summary>
    public string? Token { get; set; }

    /// <summary>The host names; none: the service's name below Edge's own.</summary>
    public IList<string> Hosts { get; } = [];

    /// <summary>Who is served; null: everybody.</summary>
    public EdgeExposure? Expose { get; set; }

    /// <summary>The lease: how long the service stays when the application is gone without a word. From 5 seconds to 24 hours; it is renewed at a third of it.</summary>
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The path that Edge asks whether the application is well, such as <c>/healthz</c>. Null: that of <c>MapHealthChecks</c>, if there is one;
    /// empty: none.
    /// </summary>
    public string? HealthPath { get; set; }

    /// <summary>
    /// Where Edge reaches the application. Null: the first address it listens on that Edge can reach, http before https. To be
    /// set where addresses are translated in between, as with a container's published port.
    /// </summary>
    public Uri? Destination { get; set; }

    /// <summary>The application does not start when Edge refuses the registration. Otherwise the refusal is logged, and the application runs without.</summary>
    public bool RefusalFailsStart { get; set; }

    /// <summary>How long a shutdown waits for the service to be taken away, at most; after that it ends with its lease.</summary>
    public TimeSpan RemovalTimeout { get; set; } = TimeSpan.FromSeconds(5);
}

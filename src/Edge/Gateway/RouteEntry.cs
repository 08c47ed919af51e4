using System.Collections.Immutable;
using Edge.Gateway.Straight;
using Edge.Observability.Metrics;
using Edge.Services;
using Edge.Settings;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>
/// One route as the table holds it: immutable but for the health of its destinations. It is reused by reference for
/// as long as its declaration stays the same, so that connections, health and affinity outlive changes elsewhere.
/// </summary>
internal sealed class RouteEntry : SoleRoute
{
    // Long enough to be never: 24.8 days is the most a timer takes.
    private static readonly TimeSpan Unlimited = TimeSpan.FromMilliseconds(int.MaxValue - 1);

    private static readonly ForwarderRequestConfig OrdinaryStreaming = ForwarderRequestConfig.Empty with { ActivityTimeout = Unlimited };

    private bool? _goesStraight;
    private bool? _isPlain;

    /// <param name="model">YARP's route.</param>
    /// <param name="matcher">What it asks for.</param>
    /// <param name="hosts">For which hosts.</param>
    /// <param name="streamsForever">An idle timeout is not for WebSockets and event streams.</param>
    public RouteEntry(RouteModel model, RouteMatcher matcher, ImmutableArray<HostPattern> hosts, bool streamsForever = false)
        : base(model.Config.RouteId, hosts is [{ IsWildcard: false, IsAny: false } first, ..] ? first.Name : null, model.Cluster?.Model.Config.HttpRequest ?? ForwarderRequestConfig.Empty)
    {
        (Model, Matcher) = (model, matcher);
        Hosts = Host is null ? hosts : hosts.SetItem(0, hosts[0] with { Name = Host });
        Streaming = Ordinary == ForwarderRequestConfig.Empty ? OrdinaryStreaming
            : Ordinary.ActivityTimeout is null || streamsForever ? Ordinary with { ActivityTimeout = Unlimited } : Ordinary;
    }

    /// <summary>YARP's route with its cluster and transforms.</summary>
    public RouteModel Model { get; }

    public RouteMatcher Matcher { get; }

    public ImmutableArray<HostPattern> Hosts { get; }

    public Exposure Expose { get; init; } = Exposure.Everywhere;

    /// <summary>The name of the service it comes from; null for a route in YARP's form.</summary>
    public string? Service { get; init; }

    /// <summary>Who may use it; null for everybody who can reach it.</summary>
    public ServiceAccess? Access { get; init; }

    /// <summary>Its clients have to show a certificate while they connect.</summary>
    public bool AsksForCertificate => Access?.ClientCert is not null;

    /// <summary>Comes from a service.</summary>
    public bool IsService { get; init; }

    /// <summary>Comes from a service that says more of its requests than where they go.</summary>
    public bool IsListed { get; init; }

    /// <summary>Needs none of YARP's middlewares.</summary>
    public bool IsDirect => IsService && Model.Cluster?.Model.Config.SessionAffinity is null;

    /// <summary>Its simple requests need no HTTP client: nothing is asked for that only YARP's forwarder does.</summary>
    public bool GoesStraight => _goesStraight ??= IsDirect && Model.Transformer is ServiceTransformer { IsPlain: true } && Policy is not { RequestTimeout: not null } and not { Compressor: not null }
        && Model.Cluster?.Model.Config is { HttpClient: null } cluster && cluster.Metadata?.ContainsKey(DestinationClientFactory.ConnectWithin) is not true && Ordinary is { Version: null, VersionPolicy: null, ActivityTimeout: null or { TotalSeconds: > 5 } };

    /// <summary>Its simple requests need no web server: nobody is asked who they are, and nothing but the host decides.</summary>
    public bool GoesByFront => KnownToGoByFront ??= GoesStraight && Access is null && Refused is null && Answer is null && Matcher.TakesEverything && Policy?.Breaker is null
        && Model.Cluster!.Model.Config.HealthCheck?.Passive is not { Enabled: true, Policy: not ConnectFailureHealthPolicy.PolicyName };

    /// <summary>Its simple requests are forwarded as they are: none is refused, guarded, limited or counted by anything but the metrics.</summary>
    public bool IsPlain => _isPlain ??= GoesStraight && Policy is null && Refused is null && Access is null && Answer is null
        && Model.Config.MaxRequestBodySize is null && Ordinary.ActivityTimeout is null
        && Model.Cluster?.Model.Config.HealthCheck?.Passive is { Enabled: true, Policy: ConnectFailureHealthPolicy.PolicyName };

    /// <summary>Whether <see cref="Sole"/> is there, and all is well with it.</summary>
    /// <param name="era">The present one, see <see cref="DestinationUpdates"/>.</param>
    public bool IsSound(object era)
    {
        if (ReferenceEquals(Era, era))
        {
            return true;
        }

        // Something has changed of some destination; of this one maybe nothing.
        if (Sound is not { } sound || !ReferenceEquals(Model.Cluster!.DestinationsState, sound))
        {
            return false;
        }

        Era = era;
        return true;
    }

    /// <summary>Takes note of its only destination after a request that was answered, if that is all there is to know.</summary>
    public void LearnSole()
    {
        if (!IsPlain || Model.Cluster!.DestinationsState is not { AllDestinations: [var only] } state || LastStraight is not { Destination: { Connections: { } connections } straight } last || last.Model != only.Model)
        {
            return;
        }

        // Its health is read after the state: a change from here on makes another one.
        if (state != Sound && only.Health is { Passive: DestinationHealth.Healthy, Active: not DestinationHealth.Unhealthy })
        {
            Learn(straight.PathPrefix.Length == 0 ? connections.Root : straight, DestinationLoad.Of(only), connections.Shared(only.Model.Config.Address), state);
        }
    }

    /// <summary>Its destination has written an answer that only YARP's forwarder reads. Others behind the same port may answer as usual.</summary>
    /// <param name="sole">How it was reached.</param>
    public void UnlearnSole(StraightDestination sole)
    {
        _isPlain = false;
        Unlearn();
        sole.AnswersStrangely = false;
        LastStraight!.Destination.AnswersStrangely = true;
    }

    /// <summary>Where its last simple request went.</summary>
    public StraightModel? LastStraight { get; set; }

    /// <summary>Which of its failures are told one by one.</summary>
    public FailureLines Failures { get; } = new();

    /// <summary>What is asked for while its requests are forwarded; null for nothing.</summary>
    public RoutePolicy? Policy { get; init; }

    /// <summary>What a service's route asks for beside the host, in words; empty for everything.</summary>
    public string Asks { get; init; } = "";

    /// <summary>What the gateway answers itself; null when requests are forwarded.</summary>
    public IRouteAnswer? Answer { get; init; }

    /// <summary>The redirection among the answers.</summary>
    public Redirection? Redirection { get; init; }

    /// <summary>Where it was declared: "proxy-routes/photos.yaml:3".</summary>
    public required string Where { get; init; }

    /// <summary>Why nothing is forwarded: the only destination is this gateway. Null for a route that works.</summary>
    public Problem? Refused { get; init; }

    /// <summary>How WebSockets and event streams are forwarded: silence is no fault in them.</summary>
    public ForwarderRequestConfig Streaming { get; }
}

using System.Diagnostics;
using System.Net;
using System.Net.Security;
using Edge.Access;
using Edge.Acme;
using Edge.Observability;
using Edge.Observability.Metrics;
using Edge.Settings;
using Edge.Connections;
using Edge.Gateway.Front;
using Edge.Gateway.Straight;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.SessionAffinity;
using Yarp.ReverseProxy.Transforms;

namespace Edge.Gateway;

/// <summary>Puts the gateway together.</summary>
internal static class GatewayRegistration
{
    /// <summary>Registers the gateway's parts.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="options">Where it listens.</param>
    /// <param name="certificates">Gives the function from a server name to its certificate.</param>
    /// <param name="isLan">Gives the function that knows the clients of the view "lan".</param>
    /// <param name="routeFiles">The folder of route files; null for none.</param>
    /// <param name="others">Endpoints of this program beside the gateway's own, such as the admin API's: no route may lead there.</param>
    /// <param name="access">What services refer to when they say who may use them.</param>
    /// <param name="resolve">Gives the function that looks up hosts; none can be looked up when left out.</param>
    /// <param name="bans">Who is let in nowhere; nobody is banned when left out.</param>
    /// <param name="data">The data folder; nothing is kept when left out.</param>
    /// <param name="dns">Answers DNS over HTTPS; nobody does when left out.</param>
    /// <param name="observed">Takes down what is asked and answered; nobody does when left out.</param>
    /// <param name="http">The challenges of CAs that are answered on plain HTTP.</param>
    /// <param name="tls">The challenges of CAs that are answered in handshakes.</param>
    /// <param name="box">What this box answers itself beside DNS; nothing when left out.</param>
    /// <param name="isTrusted">Whether a host has a certificate of its own that everybody trusts; none has when left out.</param>
    public static IServiceCollection AddGateway(
        this IServiceCollection services,
        GatewayOptions options,
        Func<IServiceProvider, Func<string?, SslStreamCertificateContext?>> certificates,
        Func<IServiceProvider, Func<IPAddress, bool>> isLan,
        Func<IServiceProvider, FolderWatch>? routeFiles,
        IReadOnlyList<IPEndPoint>? others = null,
        DnsOverHttps? dns = null,
        AccessOptions? access = null,
        Func<IServiceProvider, Func<string, CancellationToken, Task<DynamicHost?>>>? resolve = null,
        ObservabilityRoom? observed = null,
        BanManager? bans = null,
        string? data = null,
        HttpChallenges? http = null,
        TlsChallenges? tls = null,
        BoxEndpoint? box = null,
        Func<ReadOnlySpan<char>, bool>? isTrusted = null)
    {
        observed ??= ObservabilityRoom.Silent();
        var loops = new LoopGuard();
        var proxies = new TrustedProxies(options.TrustedProxies);
        var transformer = new ServiceTransformer(loops, proxies.Any);
        services.AddSingleton(options).AddSingleton(dns ?? DnsOverHttps.Off).AddSingleton(box ?? BoxEndpoint.None).AddSingleton(LocalNames.None).AddSingleton(http ?? new HttpChallenges()).AddSingleton(loops);
        services.AddSingleton(proxies).AddSingleton(transformer).AddSingleton(new GuardedTransformer(loops, proxies.Any));
        services.AddSingleton(observed.Connections).AddSingleton(observed.Tracing).AddSingleton<CutRequests>().AddSingleton(provider => new RequestObserver(observed, provider.GetRequiredService<CutRequests>(), provider.GetRequiredService<AskedInVain>()));
        // Kestrel asks for it, and nobody else: the host's own events go elsewhere.
        services.AddSingleton<DiagnosticSource, RejectedRequests>().AddSingleton<PlainAtTls>();
        services.AddSingleton(provider => new Rejections(observed, provider.GetRequiredService<BanManager>(), provider.GetRequiredService<ILogger<Rejections>>()));
        var epoll = options.Transport == TransportKind.Epoll;
        services.AddSingleton(provider => new GatewayListeners(options, certificates(provider), provider.GetRequiredService<ConnectionMetrics>(), provider.GetService<Streams.StreamGate>(), tls, epoll ? provider.GetRequiredService<ILogger<TlsConnections>>() : null,
            // Looked up when it is needed: the routes are checked against the listeners.
            name => provider.GetRequiredService<RouteTableManager>().Current.AsksForCertificate(name),
            provider.GetRequiredService<PlainAtTls>()));
        if (epoll)
        {
            AddEventLoops(services);
        }

        services.AddSingleton(provider => new LanClients(isLan(provider)));
        services.AddSingleton(provider => Own(provider.GetRequiredService<GatewayListeners>(), others));
        services.AddSingleton(provider => new AccessControl(new AccessSetup
        {
            Options = access ?? new AccessOptions(),
            IsLan = isLan(provider),
            Resolve = resolve?.Invoke(provider) ?? ((_, _) => Task.FromResult<DynamicHost?>(null)),
            Data = data,
            LoopMark = new(LoopGuard.HeaderName, loops.Id),
            Target = RawTarget.GoesOn,
            Method = RequestForm.MethodOf,
            IsBanned = provider.GetRequiredService<BanManager>().Holds,
            Time = provider.GetService<TimeProvider>() ?? TimeProvider.System,
            Log = provider.GetRequiredService<ILogger<AccessControl>>(),
        }));
        services.AddSingleton(provider => bans ?? BanManager.Off(provider.GetRequiredService<ILogger<BanManager>>()));
        services.AddHostedService(provider => new BanLoop(provider.GetRequiredService<BanManager>(), provider.GetService<TimeProvider>() ?? TimeProvider.System, provider.GetRequiredService<ILogger<BanLoop>>()));
        services.AddHostedService(provider => new AccessLoop(provider.GetRequiredService<AccessControl>(), provider.GetService<TimeProvider>() ?? TimeProvider.System, provider.GetRequiredService<ILogger<AccessLoop>>()));
        services.AddSingleton(provider => new HstsPromises(
            isTrusted ?? (static _ => false),
            data is null ? null : new HstsFile(Path.Combine(data, "hsts"), provider.GetRequiredService<ILogger<HstsFile>>()),
            provider.GetService<TimeProvider>() ?? TimeProvider.System));
        services.AddHostedService(provider => new HstsLoop(provider.GetRequiredService<HstsPromises>(), provider.GetService<TimeProvider>() ?? TimeProvider.System));
        AddYarp(services, transformer);
        services.AddSingleton<DestinationCheck>().AddSingleton<ClusterFactory>().AddSingleton<ServiceRouteBuilder>().AddSingleton<ServiceEntries>().AddSingleton<YarpEntries>().AddSingleton<RouteTableManager>();
        services.AddSingleton(provider => new StraightWay(provider.GetService<LoopConnector>(), provider.GetService<EventLoops>(), observed.Tracing, loops, provider.GetService<TimeProvider>() ?? TimeProvider.System));
        services.AddSingleton<BrokenAnswers>().AddSingleton<FailureAnswers>().AddSingleton<ConnectFailureHealthPolicy>();
        services.AddSingleton(provider => new UntakenWatch(provider.GetService<TimeProvider>() ?? TimeProvider.System));
        services.AddSingleton(provider => new FrontWatch(provider.GetService<TimeProvider>() ?? TimeProvider.System));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<FrontBooks>(provider, observed)).AddSingleton<AskedInVain>().AddSingleton<FrontDoor>();
        services.AddSingleton<DestinationChoice>().AddSingleton<ForwardStep>().AddSingleton<GatewayPipeline>();
        if (routeFiles is not null)
        {
            services.AddSingleton(provider => new RouteFileLoop(routeFiles(provider), provider.GetRequiredService<RouteTableManager>(), provider.GetRequiredService<ILogger<RouteFileLoop>>()));
            services.AddHostedService(provider => provider.GetRequiredService<RouteFileLoop>());
        }

        return services;
    }

    /// <summary>Builds the request pipeline, once Kestrel's application is there.</summary>
    public static Microsoft.AspNetCore.Http.RequestDelegate BuildGateway(this IApplicationBuilder app) =>
        app.ApplicationServices.GetRequiredService<RequestObserver>().Around(app.ApplicationServices.GetRequiredService<GatewayPipeline>().Build(app));

    private static OwnAddresses Own(GatewayListeners listeners, IReadOnlyList<IPEndPoint>? others) => new(() => [.. listeners.EndPoints, .. others ?? []]);

    // Kestrel takes the transport that was registered last and wants the endpoint: the admin API's stay with its own.
    private static void AddEventLoops(IServiceCollection services)
    {
        services.AddSingleton<EventLoops>().AddSingleton<LoopConnector>();
        services.AddSingleton<IConnectionListenerFactory, SocketTransportFactory>();
        services.AddSingleton<IConnectionListenerFactory>(provider => new LoopListenerFactory(
            provider.GetRequiredService<EventLoops>(),
            provider.GetRequiredService<ILogger<LoopListenerFactory>>(),
            provider.GetService<ListeningSockets>()));
    }

    // YARP's parts, without its endpoint routing: IProxyConfigProvider and MapReverseProxy are not used.
    // Nor is what it registers for authorization, which the host would put in front of every request.
    private static void AddYarp(IServiceCollection services, ServiceTransformer transformer)
    {
        services.AddSingleton<IForwarderHttpClientFactory, DestinationClientFactory>();
        services.AddReverseProxy().AddTransforms(context =>
        {
            context.AddRequestTransform(transform =>
            {
                transformer.MarkRequest(transform.HttpContext, transform.ProxyRequest);
                transform.ProxyRequest.RequestUri ??= RawTarget.Changed(transform.HttpContext, transform.DestinationPrefix, transform.Path, transform.Query.QueryString);
                return ValueTask.CompletedTask;
            });
            context.AddResponseTransform(transform =>
            {
                NominatedHeaders.Drop(transform.ProxyResponse, transform.HttpContext.Response.Headers);
                ReservedCookies.Drop(transform.HttpContext);
                RequestDeadline.Answered(transform.HttpContext);
                CountedBody.Begin(transform.HttpContext);
                PromptAnswer.Begin(transform.ProxyResponse, transform.HttpContext, mayLast: context.Cluster?.HttpRequest?.ActivityTimeout is null);
                transform.HttpContext.Response.Headers[ServiceTransformer.RequestIdHeader] = transform.HttpContext.TraceIdentifier;
                return ValueTask.CompletedTask;
            });
        });
        Follow(services);
        services.RemoveAll<IAuthorizationHandlerProvider>();
        services.AddSingleton<IPassiveHealthCheckPolicy>(provider => provider.GetRequiredService<ConnectFailureHealthPolicy>()).AddSingleton<IActiveHealthCheckPolicy, ExpectedStatusHealthPolicy>();
        services.AddSingleton<ILoadBalancingPolicy, WeightedPolicy>().AddSingleton<ILoadBalancingPolicy, HashPolicy>().AddSingleton<ISessionAffinityPolicy, StickyPolicy>();
        services.AddSingleton(provider => new CircuitBreakers(provider.GetService<TimeProvider>() ?? TimeProvider.System));
        // Only cookies of session affinity are protected, which a restart may forget: no keys on disk for them.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();

        // Its start-up task would make a key in the user's home all the same, and warn that it is not encrypted.
        foreach (var startUp in services.Where(service => service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Assembly == typeof(IDataProtectionBuilder).Assembly).ToList())
        {
            services.Remove(startUp);
        }
    }

    // In the place of YARP's own updater.
    private static void Follow(IServiceCollection services)
    {
        services.RemoveAll<IClusterDestinationsUpdater>();
        services.AddSingleton<DestinationUpdates>();
        services.AddSingleton<IClusterDestinationsUpdater>(static provider => provider.GetRequiredService<DestinationUpdates>());
    }
}

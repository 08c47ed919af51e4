using System.Globalization;
using System.Net.Sockets;
using Edge.Access;
using Edge.Observability.Requests;
using Edge.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>The life of one request in the gateway, told in <see cref="InvokeAsync"/>.</summary>
internal sealed partial class GatewayPipeline(
    RouteTableManager routes,
    TrustedProxies proxies,
    LoopGuard loops,
    ForwardStep forward,
    GatewayListeners listeners,
    LanClients lan,
    DnsOverHttps dns,
    BoxEndpoint box,
    AccessControl access,
    ILogger<GatewayPipeline> logger)
{
    private readonly Func<HttpContext, bool> _isLan = context => context.Connection.RemoteIpAddress is { } client && lan.Contains(client);
    private RequestDelegate _yarp = _ => throw new InvalidOperationException($"{nameof(Build)} comes first");

    /// <summary>Builds the pipeline once, at start.</summary>
    public RequestDelegate Build(IApplicationBuilder app)
    {
        var yarp = new ReverseProxyApplicationBuilder(app.New());
        yarp.UseSessionAffinity();
        yarp.UseLoadBalancing();
        yarp.UsePassiveHealthChecks();
        yarp.Run(context => forward.ForwardAsync(context, EntryFeature.Of(context)));
        _yarp = yarp.Build();
        return InvokeAsync;
    }

    /// <summary>The order of the pipeline.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        // 1. Who asks, where proxies that are believed say so.
        if (proxies.Any)
        {
            proxies.Take(context);
        }

        var host = HostText.Of(context.Request);

        // 2. A request that this process forwarded itself goes no further.
        if (loops.HasSeen(context.Request))
        {
            Log.Loop(logger, host, context.TraceIdentifier);
            return GatewayPages.Loop(host).WriteAsync(context);
        }

        // 3. Routes go by the host.
        if (host.Length == 0)
        {
            return GatewayPages.NoHost.WriteAsync(context);
        }

        // 4. Plain HTTP only shows the way to HTTPS.
        if (ListenerFeature.Of(context) == ListenerKind.Http && listeners.PublicHttpsPort is { } port && !context.Request.IsHttps)
        {
            return Redirect(context, port);
        }

        // 5. DNS is asked under the name of this box.
        if (dns.Takes(context, host))
        {
            return dns.AnswerAsync(context);
        }

        if (box.Takes(context, host))
        {
            return box.AnswerAsync(context);
        }

        // 6. The host, and what else a route asks for; a route for the LAN does not exist for anybody else.
        if (routes.Current.Find(context, _isLan, out var hostIsKnown) is not { } entry)
        {
            Log.NoRoute(logger, host, context.Request.Path.ToUriComponent(), context.TraceIdentifier);
            return (hostIsKnown ? GatewayPages.NoRoute(host) : GatewayPages.UnknownHost(host)).WriteAsync(context);
        }

        if (RequestRecord.Of(context) is { } record)
        {
            record.Route = entry.Id;
        }

        if (entry.Refused is not null)
        {
            return GatewayPages.Loop(host).WriteAsync(context);
        }

        // 7. Who may use it.
        LiftLimits(context, entry);
        if (entry.Access is { } guarded)
        {
            return ForwardIfAllowedAsync(context, entry, guarded);
        }

        if (!entry.IsService)
        {
            // A service's transformer drops these; the transforms of a route in YARP's form know nothing of them.
            IdentityHeaders.Strip(context.Request.Headers);
        }

        return ServeAsync(context, entry);
    }

    private async Task ForwardIfAllowedAsync(HttpContext context, RouteEntry entry, ServiceAccess guarded)
    {
        AccessRefusal? refusal;
        try
        {
            refusal = await access.DecideAsync(context, entry.Service!, guarded);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        if (refusal is null)
        {
            await ServeAsync(context, entry);
        }
        else if (refusal != AccessRefusal.Answered)
        {
            await new GatewayPage(refusal.Status, refusal.Title, refusal.Detail) { Header = refusal.Header }.WriteAsync(context);
        }
    }

    private Task ServeAsync(HttpContext context, RouteEntry entry)
    {
        // 8. What the gateway answers itself.
        if (entry.Answer is { } answer)
        {
            context.Response.Headers[ServiceTransformer.RequestIdHeader] = context.TraceIdentifier;
            return answer.AnswerAsync(context);
        }

        // 9. Affinity, balancing, health, and on to the destination.
        return ForwardAsync(context, entry);
    }

    private async Task ForwardAsync(HttpContext context, RouteEntry entry)
    {
        var cluster = entry.Model.Cluster!;
        var destinations = cluster.DestinationsState;
        context.Features.Set<IReverseProxyFeature>(new ReverseProxyFeature
        {
            Route = entry.Model,
            Cluster = cluster.Model,
            AllDestinations = destinations.AllDestinations,
            AvailableDestinations = destinations.AvailableDestinations,
        });
        if (entry.IsService)
        {
            await forward.ForwardServiceAsync(context, entry);
        }
        else
        {
            context.Features.Set(new EntryFeature(entry));
            await _yarp(context);
        }

        await AnswerFailureAsync(context, entry);
    }

    private async Task AnswerFailureAsync(HttpContext context, RouteEntry entry)
    {
        var error = context.Features.Get<IForwarderErrorFeature>();
        var status = context.Response.StatusCode;
        var nobodyAsked = context.Features.Get<IReverseProxyFeature>()?.ProxiedDestination is null && status >= 400;
        if (error is null && !nobodyAsked)
        {
            return;
        }

        var host = HostText.Of(context.Request);

        // The path goes into the log as it is written in a URL, so that it stays one line; the query may hold secrets.
        var path = context.Request.Path.ToUriComponent();
        if (error is not null && context.Response.HasStarted)
        {
            // The forwarder then aborts the request itself: its error alone tells whose end it was.
            if (error.Error is ForwarderError.ResponseBodyDestination or ForwarderError.UpgradeRequestDestination or ForwarderError.UpgradeResponseDestination or ForwarderError.UpgradeActivityTimeout)
            {
                Log.BrokeOff(logger, context.Request.Method, host, path, entry.Id, error.Error, Reason(error.Exception), context.TraceIdentifier);
            }

            return;
        }

        if (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        Log.Failed(logger, status, context.Request.Method, host, path, entry.Id, error?.Error ?? ForwarderError.NoAvailableDestinations, Reason(error?.Exception), context.TraceIdentifier);
        await GatewayPages.Failed(status, host, error?.Error ?? ForwarderError.NoAvailableDestinations).WriteAsync(context);
    }

    // A failed connection says the same in both: "Connection refused (h:1)" around "Connection refused".
    private static string? Reason(Exception? wrong) => wrong switch
    {
        { InnerException: SocketException } => wrong.Message,
        { InnerException: { } inner } when !wrong.Message.Contains(inner.Message, StringComparison.Ordinal) => $"{wrong.Message} {inner.Message}",
        _ => wrong?.Message,
    };

    // Uploads may be large and slow and answers may wait for a reader who pauses a film: what ends a request that does
    // nothing is the forwarder's timeout. The admin listener keeps Kestrel's limits.
    private static void LiftLimits(HttpContext context, RouteEntry entry)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
        {
            body.MaxRequestBodySize = entry.Model.Config.MaxRequestBodySize is { } limit and >= 0 ? limit : null;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } request)
        {
            request.MinDataRate = null;
        }

        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } response)
        {
            response.MinDataRate = null;
        }
    }

    // 308 keeps the method and the body, unlike 301 (RFC 9110 section 15.4.9).
    private static Task Redirect(HttpContext context, int port)
    {
        var request = context.Request;
        Span<char> buffer = stackalloc char[HostText.Longest];
        var name = HostText.Normalise(HostText.Of(request), buffer).ToString();
        var host = port == 443 ? new HostString(name) : new HostString(name, port);
        context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
        context.Response.Headers[HeaderNames.Location] = UriHelper.BuildAbsolute("https", host, request.PathBase, request.Path, request.QueryString);
        context.Response.Headers[ServiceTransformer.RequestIdHeader] = context.TraceIdentifier;
        return Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(5000, LogLevel.Information, "{Status} for {Method} {Host}{Path}: route {Route} failed with {Error}: {Reason} (request {Id})")]
        public static partial void Failed(ILogger logger, int status, string method, string? host, string path, string route, ForwarderError error, string? reason, string id);

        [LoggerMessage(5003, LogLevel.Information, "{Method} {Host}{Path}: the answer of route {Route} broke off with {Error}: {Reason} (request {Id})")]
        public static partial void BrokeOff(ILogger logger, string method, string? host, string path, string route, ForwarderError error, string? reason, string id);

        [LoggerMessage(5001, LogLevel.Debug, "404: no route for {Host}{Path} (request {Id})")]
        public static partial void NoRoute(ILogger logger, string? host, string? path, string id);

        [LoggerMessage(5002, LogLevel.Warning, "508: the way to {Host} leads back to this gateway (request {Id}); let the service's \"to\" name the program behind it")]
        public static partial void Loop(ILogger logger, string? host, string id);
    }
}

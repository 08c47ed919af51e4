using Edge.Access;
using Edge.Access.ClientCertificates;
using Edge.Acme;
using Edge.Observability.Requests;
using Edge.Services;
using Edge.Services.Routing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>The life of one request in the gateway, told in <see cref="InvokeAsync"/>.</summary>
internal sealed partial class GatewayPipeline(
    RouteTableManager routes,
    GatewayOptions options,
    TrustedProxies proxies,
    LoopGuard loops,
    ForwardStep forward,
    GatewayListeners listeners,
    LanClients lan,
    DnsOverHttps dns,
    BoxEndpoint box,
    LocalNames local,
    AccessControl access,
    BanManager bans,
    HstsPromises hsts,
    HttpChallenges challenges,
    FailureAnswers failures,
    ILogger<GatewayPipeline> logger)
{
    private readonly Func<HttpContext, bool> _isLan = context => context.Connection.RemoteIpAddress is { } client && lan.Contains(client);
    private readonly ErrorPage? _errorPage = options.ErrorPage is { } file ? new ErrorPage(file) : null;
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
        // Whatever becomes of it, its connection has asked: while Edge ends it waits for those that have not.
        var listener = ListenerFeature.Of(context);
        listeners.Ask(listener);

        // 0. A CA that looks whether a name or an address is ours is answered before anything is asked of it (RFC 8555 §8.3).
        if (!challenges.IsIdle && challenges.Find(context.Request.Path.Value) is { } proof)
        {
            return AnswerChallengeAsync(context, proof);
        }

        // 1. Who asks, where proxies that are believed say so.
        if (proxies.Any && !proxies.Take(context))
        {
            RequestRecord.Of(context)?.Reject(GatewayPages.NoClient.Title);
            return GatewayPages.NoClient.WriteAsync(context);
        }

        var host = HostText.Of(context.Request);

        // 2. to 4. Some go no further.
        if (RefusalOf(context, host) is { } refusal)
        {
            return refusal.WriteAsync(context);
        }

        // 5. Plain HTTP only shows the way to HTTPS, and NAME.local to the name that has a certificate.
        var home = local.HostOf(host);
        if (listeners.PublicHttpsPort is { } port && (home is not null || (listener?.Kind == ListenerKind.Http && !context.Request.IsHttps)))
        {
            return HttpsRedirect.WriteAsync(context, port, home ?? host);
        }

        // A connection that was made for another name is no way to this one; a proxy that is believed has one for all.
        if (listeners.IsMisdirected(listener, host) && context.Features.Get<ForwardedChain>() is null)
        {
            return GatewayPages.Misdirected(host).WriteAsync(context);
        }

        // 6. DNS is asked under the name of this box, the ACME server is there, and logins end there.
        if (AnswerOfTheBox(context, host) is { } own)
        {
            return own;
        }

        // 7. The host, and what else a route asks for; a route for the LAN does not exist for anybody else.
        if (routes.Current.Find(context, _isLan, out var hostIsKnown) is not { } entry)
        {
            return NothingHere(context, host, hostIsKnown);
        }

        return TakeAsync(context, entry, host);
    }

    private Task TakeAsync(HttpContext context, RouteEntry entry, string host)
    {
        RequestRecord.Of(context)?.Take(entry);
        if (entry.Sole is not null)
        {
            // It asks for nothing of what follows.
            Promise(context, options.Hsts);
            RequestLimits.Lift(context, null);
            return ForwardAsync(context, entry);
        }

        Promise(context, entry.Policy?.Hsts ?? options.Hsts);
        if (entry.Refused is not null)
        {
            return GatewayPages.Loop(host).WriteAsync(context);
        }

        // 8. Who may use it. Certificates are asked for by the name that a connection was made for.
        RequestLimits.Lift(context, entry.Model.Config.MaxRequestBodySize);
        if (entry.AsksForCertificate && ProxiedRequest.Is(context))
        {
            return GatewayPages.CertificateOfProxy(host).WriteAsync(context, _errorPage);
        }

        if (entry.AsksForCertificate && !HostText.IsHost(host, ShownCertificate.Of(context)?.ServerName))
        {
            return GatewayPages.NotAsked(host).WriteAsync(context, _errorPage);
        }

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

    private void Promise(HttpContext context, HstsRule? rule)
    {
        if (rule is not null)
        {
            hsts.Promise(context, rule);
        }
    }

    private GatewayPage? RefusalOf(HttpContext context, string host)
    {
        // 2. Who is banned is told so, and nothing else.
        if (bans.Holds(AccessControl.ClientOf(context)))
        {
            return GatewayPages.Banned(AccessControl.ClientOf(context));
        }

        // 3. A request that this process forwarded itself goes no further.
        if (loops.HasSeen(context.Request))
        {
            Log.Loop(logger, host, context.TraceIdentifier);
            return GatewayPages.Loop(host);
        }

        // 4. Routes go by the host, and some requests are for none. HTTP/1.0 need not name one (RFC 9112 section 3.2).
        if (host.Length > 0)
        {
            return RequestForm.RefusalOf(context);
        }

        RequestRecord.Of(context)?.Reject(GatewayPages.NoHost.Title);
        return GatewayPages.NoHost;
    }

    private Task? AnswerOfTheBox(HttpContext context, string host) =>
        dns.Takes(context, host) ? dns.AnswerAsync(context)
        : box.Takes(context, host) ? box.AnswerAsync(context)
        : access.TakesLogin(context) ? AnswerLoginAsync(context)
        : null;

    private Task NothingHere(HttpContext context, string host, bool hostIsKnown)
    {
        Note(context, OffenceKind.NotFound);
        Log.NoRoute(logger, host, context.Request.Path.ToUriComponent(), context.TraceIdentifier);
        return (hostIsKnown ? GatewayPages.NoRoute(host) : GatewayPages.UnknownHost(host)).WriteAsync(context, _errorPage);
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
        else
        {
            await RefuseAsync(context, refusal, entry.Policy?.ErrorPage ?? _errorPage);
        }
    }

    private async Task AnswerLoginAsync(HttpContext context) => await RefuseAsync(context, await access.AnswerLoginAsync(context), _errorPage);

    private async Task RefuseAsync(HttpContext context, AccessRefusal refusal, ErrorPage? errorPage)
    {
        if (refusal != AccessRefusal.Answered)
        {
            if (refusal.Offence is { } offence)
            {
                Note(context, offence);
            }

            await new GatewayPage(refusal.Status, refusal.Title, refusal.Detail) { Header = refusal.Header }.WriteAsync(context, errorPage);
        }
    }

    private Task ServeAsync(HttpContext context, RouteEntry entry)
    {
        // What is known to be too large is nothing for the destination to begin with.
        if (entry.Model.Config.MaxRequestBodySize is >= 0 and var most && context.Request.ContentLength > most)
        {
            return GatewayPages.TooLarge.WriteAsync(context, entry.Policy?.ErrorPage ?? _errorPage);
        }

        if (entry.Policy?.Compressor is not { } compressor)
        {
            return AnswerAsync(context, entry);
        }

        // Outside of it: what counts is what leaves.
        CountedBody.Count(context);
        return compressor.InvokeAsync(context, () => AnswerAsync(context, entry));
    }

    private Task AnswerAsync(HttpContext context, RouteEntry entry)
    {
        // 9. What the gateway answers itself.
        if (entry.Answer is { } answer)
        {
            context.Response.Headers[ServiceTransformer.RequestIdHeader] = context.TraceIdentifier;
            return answer.AnswerAsync(context);
        }

        // 10. Affinity, balancing, health, and on to the destination.
        return ForwardAsync(context, entry);
    }

    private async Task ForwardAsync(HttpContext context, RouteEntry entry)
    {
        access.HideCookies(context);
        var said = entry.Sole is null ? null : await forward.ForwardSoleAsync(context, entry);
        if (said is not ForwarderError.None)
        {
            var feature = Proxied(context, entry);
            if (said is not null)
            {
                forward.ReportSole(context, feature);
            }
            else if (entry.IsDirect)
            {
                await forward.ForwardServiceAsync(context, entry, feature);
            }
            else
            {
                context.Features.Set(new EntryFeature(entry));
                await _yarp(context);
            }
        }

        if (context.Response.StatusCode == StatusCodes.Status404NotFound)
        {
            Note(context, OffenceKind.NotFound);
        }

        if (context.Features.Find<IForwarderErrorFeature>() is var error && (error is not null || (context.Response.StatusCode >= 400 && context.Features.Find<IReverseProxyFeature>() is { ProxiedDestination: null })))
        {
            await failures.AnswerAsync(context, entry, error, entry.Policy?.ErrorPage ?? _errorPage);
        }
    }

    // No page can guess passwords in its visitor's name.
    private void Note(HttpContext context, OffenceKind offence) =>
        bans.Note(AccessControl.ClientOf(context), offence, HostText.Normal(HostText.Of(context.Request)), offence != OffenceKind.Auth && EmbeddedRequest.Is(context.Request.Headers));

    private static ReverseProxyFeature Proxied(HttpContext context, RouteEntry entry)
    {
        var cluster = entry.Model.Cluster!;
        var destinations = cluster.DestinationsState;
        var feature = new ReverseProxyFeature
        {
            Route = entry.Model,
            Cluster = cluster.Model,
            AllDestinations = destinations.AllDestinations,
            AvailableDestinations = destinations.AvailableDestinations,
        };
        context.Features.Set<IReverseProxyFeature>(feature);
        return feature;
    }

    // The exact body, nothing around it.
    private static Task AnswerChallengeAsync(HttpContext context, string proof)
    {
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = proof.Length;
        context.Response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(proof, context.RequestAborted);
    }

    private static partial class Log
    {
        [LoggerMessage(5001, LogLevel.Debug, "404: no route for {Host}{Path} (request {Id})")]
        public static partial void NoRoute(ILogger logger, string? host, string? path, string id);

        [LoggerMessage(5002, LogLevel.Warning, "508: the way to {Host} leads back to this gateway (request {Id}); let the service's \"to\" name the program behind it")]
        public static partial void Loop(ILogger logger, string? host, string id);
    }
}

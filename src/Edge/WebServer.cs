using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Edge.Access;
using Edge.Certificates;
using Edge.Connections;
using Edge.Gateway;
using Edge.Names;
using Edge.Observability;
using Edge.Settings;
using Edge.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Edge;

/// <summary>The one Kestrel that carries the gateway's listeners and the API's.</summary>
internal static class WebServer
{
    /// <summary>
    /// Listens at every endpoint, before anything else is made: what can only fail for want of a port has not begun yet, and who
    /// comes while the rest starts waits for it instead of being refused.
    /// </summary>
    /// <exception cref="StartFailedException">At least one cannot be had; it says which, and what to do.</exception>
    public static void TakePorts(EdgeOptions options, ListeningSockets sockets)
    {
        IPEndPoint[] all = [.. options.TcpEndPoints.Select(pair => pair.EndPoint)];
        sockets.ClearWay(options.WebEndPoints, [.. all.Except(options.WebEndPoints)]);
        IEnumerable<string?> Wrong(ImmutableArray<IPEndPoint> wanted, string setting)
        {
            foreach (var endPoint in Opened(wanted, sockets))
            {
                string? wrong = null;
                try
                {
                    sockets.Reserve(endPoint, AnyAddress.IsIPv6Only(endPoint, all));
                }
                catch (SocketException refused)
                {
                    wrong = PortCheck.Say(endPoint, setting, refused);
                }

                yield return wrong;
            }
        }

        string?[] wrong =
        [
            .. Wrong(options.Gateway.Http, "gateway.http"),
            .. Wrong(options.Gateway.Https, "gateway.https"),
            .. Wrong(options.Metrics.Listen, "metrics.listen"),
            .. Wrong(options.Admin.Listen, "admin.listen"),
        ];
        if (wrong.FirstOrDefault(text => text is not null) is not null)
        {
            throw new StartFailedException(string.Join(Environment.NewLine + "edge: ", wrong.Where(text => text is not null)));
        }
    }

    public static WebApplication Build(EdgeOptions options, CertificateRoom certificates, NamesRoom names, BanManager bans, ObservabilityRoom observed, BoxEndpoint? box, ListeningSockets sockets, ILoggerFactory logs, TimeProvider time)
    {
        // Empty: nothing of configuration files, environment or logging providers that Edge does not use.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = options.Folder });
        builder.Services.AddSingleton(logs).AddSingleton(typeof(ILogger<>), typeof(Logger<>)).AddSingleton(time).AddSingleton(sockets).AddSingleton<Farewell>();
        builder.Services.AddRoutingCore();
        builder.Services.AddGateway(
            options.Gateway with { Http = Opened(options.Gateway.Http, sockets), Https = Opened(options.Gateway.Https, sockets) },
            _ => name => certificates.Selector.Select(name)?.Context,
            _ => client => IsLan(names, client),
            _ => new FolderWatch(options.PathOf(options.Routes), options.Routes, RouteFiles.Extensions, time),
            [.. options.Admin.Listen, .. options.Metrics.Listen],
            options.Dns.Transports.Https ? new DnsOverHttps(names.Processor, options.NodeHost) : null,
            options.Access,
            _ => (host, cancel) => ResolveAsync(names, host, cancel),
            observed,
            bans,
            options.PathOf(options.Data),
            certificates.HttpChallenges,
            certificates.TlsChallenges,
            box,
            host => certificates.Selector.Current.Find(host) is { Id.IsInternal: false } found && found.IsTrusted && !found.HasExpired(time.GetUtcNow()));
        builder.Services.AddSingleton(new LocalNames(names.Multicast.HostOf));
        builder.Services.AddStreams(
            new StreamOptions { Addresses = options.GatewayAddresses, Listeners = options.WebEndPoints, Proxies = options.Gateway.ProxyProtocol, Sockets = sockets },
            provider => new StreamClients(client => IsLan(names, client), bans.Holds, provider.GetRequiredService<AccessControl>().AllowsAsync));
        // Who stops it says how long it may take.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        builder.Services.Configure<SocketTransportOptions>(transport => transport.CreateBoundListenSocket = endPoint =>
        {
            var socket = sockets.Bind(endPoint);
            KeepAlive.Ask(socket);
            sockets.Closing += socket.Dispose;
            return socket;
        });
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ApplicationServices.GetRequiredService<GatewayListeners>().Configure(kestrel);
            foreach (var endPoint in Opened(options.Admin.Listen, sockets))
            {
                kestrel.Listen(endPoint, listen => GatewayListeners.Mark(listen, ListenerFeature.Admin));
            }

            foreach (var endPoint in Opened(options.Metrics.Listen, sockets))
            {
                kestrel.Listen(endPoint, listen => GatewayListeners.Mark(listen, ListenerFeature.Metrics));
            }
        });
        builder.Services.AddHostParts();
        var web = builder.Build();
        web.Use(web.Services.GetRequiredService<Farewell>().Before);
        return web;
    }

    /// <summary>Whether a client is of the view "lan".</summary>
    public static bool IsLan(NamesRoom names, IPAddress client) => names.Views.Current[names.Views.Current.Match(client)].Name == ViewOptions.Lan;

    // All but those whose clients come by a socket of a unit.
    private static ImmutableArray<IPEndPoint> Opened(ImmutableArray<IPEndPoint> wanted, ListeningSockets sockets) => [.. wanted.Where(endPoint => !sockets.Units.Covers(endPoint, wanted))];

    private static async Task<DynamicHost?> ResolveAsync(NamesRoom names, string host, CancellationToken cancel) =>
        await names.Hosts.FindAsync(host, cancel) is var (addresses, timeToLive) ? new DynamicHost(addresses, timeToLive) : null;
}

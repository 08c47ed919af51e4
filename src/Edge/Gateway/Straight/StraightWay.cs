using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Edge.Access;
using Edge.Connections;
using Edge.Observability;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway.Straight;

/// <summary>
/// Forwards what most requests are: GET and HEAD without a body, to a service that is reached by plain HTTP/1.1 and asks for
/// no change of the request but the usual headers. The bytes go from one connection to the other without an HTTP client
/// between them. Everything else, and every answer that is written strangely, is YARP's forwarder's.
/// See docs/decisions/0036-straight-way.md.
/// </summary>
internal sealed class StraightWay(LoopConnector? connector, EventLoops? loops, RequestTracing tracing, LoopGuard guard, TimeProvider time) : IDisposable
{
    /// <summary>So long nothing may move where the route does not say it, as for YARP's forwarder.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(100);

    private static readonly TimeSpan Longest = TimeSpan.FromDays(25);

    private readonly ConditionalWeakTable<DestinationModel, StraightDestination> _destinations = [];
    private readonly StraightWatch _watch = new(time);
    private readonly StraightExchange _exchange = new(time);
    private StraightPools? _pools;

    /// <summary>Connections to destinations that are open, at work or at rest.</summary>
    public int Connections => _watch.Count;

    /// <summary>Whether a request is one that can go this way, if its route says nothing against it.</summary>
    public bool Takes(HttpContext context) => IsOpen && IsPlain(context);

    /// <summary>Whether anything goes this way.</summary>
    public bool IsOpen => connector is not null && !tracing.IsOn;

    /// <summary>The destination of a request that goes this way; null for one that does not.</summary>
    public StraightDestination? For(HttpContext context, RouteEntry entry, DestinationState destination) => IsPlain(context) ? For(entry, destination) : null;

    /// <summary>The destination of simple requests; null when they do not go this way.</summary>
    public StraightDestination? For(RouteEntry entry, DestinationState destination)
    {
        if (!entry.GoesStraight || !IsOpen)
        {
            return null;
        }

        // The last one of a route is mostly its only one, and lies where the request has been anyway.
        var model = destination.Model;
        if (entry.LastStraight is not { } last || last.Model != model)
        {
            entry.LastStraight = last = new StraightModel(model, entry.Model.Cluster!.DestinationsState.AllDestinations.Count == 1 ? Made(model) : Known(model));
        }

        return last.Destination is { Connections: null } or { AnswersStrangely: true } ? null : last.Destination;
    }

    /// <summary>Forwards a request that the web server has read.</summary>
    /// <returns>What YARP's forwarder would say; null when the request has to go its way after all, of which the client has seen nothing yet.</returns>
    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    public async ValueTask<ForwarderError?> SendAsync(HttpContext context, StraightDestination destination, ForwarderRequestConfig config)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(StraightConnection.BufferSize);
        try
        {
            var length = RequestHead.Write(context, destination.PathPrefix, guard.Id, buffer);
            return length == 0 ? null : await SendAsync(new ServerClient(context, time), destination, config, buffer, length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Forwards one request.</summary>
    /// <param name="client">Who asks.</param>
    /// <param name="destination">Who is asked.</param>
    /// <param name="config">How long it may be silent.</param>
    /// <param name="buffer">The head of the request stands at its front. It is not used any more when this ends.</param>
    /// <param name="length">How long that is.</param>
    /// <returns>As above.</returns>
    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    public async ValueTask<ForwarderError?> SendAsync<TClient>(TClient client, StraightDestination destination, ForwarderRequestConfig config, byte[] buffer, int length)
        where TClient : struct, IStraightClient
    {
        var to = destination.Connections!;
        try
        {
            for (var isFirst = true; ; isFirst = false)
            {
                // A used one may be closed while the question is on its way; the question is still there then. One that
                // ends every connection it comes to should not come to all.
                var connection = (isFirst ? to.Take(time.GetTimestamp()) : null) ?? to.Add(await ConnectAsync(to, client.Left), time.GetTimestamp());
                connection.Begin(buffer, time.GetTimestamp(), PatienceOf(config), client.Left);
                var outcome = await _exchange.AskAsync(client, connection, length);
                if (outcome is { Error: null, IsAgain: false })
                {
                    // The next ones are not asked twice.
                    destination.AnswersStrangely = true;
                }

                if (!outcome.IsAgain)
                {
                    return outcome.Error;
                }
            }
        }
        catch (Exception failed) when (failed is SocketException or OperationCanceledException)
        {
            return client.Fail(ForwardFailure.NotConnected(to, client.Left, failed));
        }
    }

    public void Dispose() => _watch.Dispose();

    // Of a route with several the last one is mostly another one. Each entry here costs the collector something.
    private StraightDestination Known(DestinationModel model) => _destinations.TryGetValue(model, out var known) ? known : _destinations.GetValue(model, Made);

    private StraightDestination Made(DestinationModel model) => StraightDestination.Of(model.Config.Address, Pools.To);

    // The loops start with the first listener.
    private StraightPools Pools => _pools ?? Interlocked.CompareExchange(ref _pools, new StraightPools(loops!.All.Length, _watch), null) ?? _pools;

    private static bool IsPlain(HttpContext context) =>
        (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        && context.Features.Find<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false }
        && Identity.Of(context) is null;

    private async ValueTask<LoopSocket> ConnectAsync(StraightConnections to, CancellationToken client)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(client);
        patience.CancelAfter(DestinationClientFactory.ConnectTimeout);
        return await connector!.ConnectSocketAsync(to.EndPoint, patience.Token);
    }

    private long PatienceOf(ForwarderRequestConfig config)
    {
        var patience = config.ActivityTimeout ?? Usual;
        return (long)((patience < Longest ? patience : Longest).TotalSeconds * time.TimestampFrequency);
    }
}

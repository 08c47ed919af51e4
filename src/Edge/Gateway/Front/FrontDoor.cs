using System.Buffers;
using System.Net;
using System.Text;
using Edge.Access;
using Edge.Acme;
using Edge.Connections;
using Edge.Gateway.Front.Http2;
using Edge.Gateway.Straight;
using Edge.Observability;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway.Front;

/// <summary>
/// Stands before the web server on connections of HTTP/1.1, and serves by itself what is most of the work there: GET and HEAD
/// for services that are open to all and go straight. The first request that is anything else goes to the web server unread,
/// and with it the connection. See docs/decisions/0046-front.md.
/// </summary>
internal sealed class FrontDoor(
    GatewayListeners listeners,
    RouteTableManager routes,
    StraightWay straight,
    LoopGuard loops,
    TrustedProxies proxies,
    LanClients lan,
    DnsOverHttps dns,
    BoxEndpoint box,
    AccessControl access,
    BanManager bans,
    HstsPromises hsts,
    HttpChallenges challenges,
    DestinationUpdates updates,
    GatewayOptions options,
    FrontBooks books,
    FrontWatch watch,
    UntakenWatch untaken,
    AskedInVain vain)
{
    private const string Local = ".local";

    /// <summary>How many letters <see cref="KeyOf"/> needs room for.</summary>
    public const int HostRoom = LongestHost + HostText.Longest;

    // With a port.
    private const int LongestHost = HostText.Longest + 6;

    /// <summary>Puts it before the web server.</summary>
    /// <param name="next">The web server.</param>
    /// <param name="kind">What comes over the connections.</param>
    public ConnectionDelegate Before(ConnectionDelegate next, ListenerKind kind)
    {
        var alone = untaken.Before(next);
        return connection =>
            connection.RemoteEndPoint is IPEndPoint client && MayServe(kind, client) && connection.Features.Get<ListenerFeature>() is { } listener
                ? ServeAsync(connection, listener, client, next, alone)
                : alone(connection);
    }

    /// <summary>What the client and the gateway have agreed to speak is HTTP/2.</summary>
    public static bool IsHttp2(ConnectionContext connection) =>
        connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol.Span.SequenceEqual("h2"u8) is true;

    /// <summary>The routes in force.</summary>
    public RouteTableManager Routes => routes;

    /// <summary>Carries what the front takes.</summary>
    public StraightWay Straight => straight;

    public GatewayListeners Listeners => listeners;

    public FrontBooks Books => books;

    public FrontWatch Watch => watch;

    public UntakenWatch Untaken => untaken;

    public AskedInVain Vain => vain;

    /// <summary>Some cookies are the gateway's own.</summary>
    public bool HidesCookies => access.HidesCookies;

    /// <summary>This process in CDN-Loop.</summary>
    public string LoopMark => loops.Id;

    /// <summary>How a host is looked for. What is read of it comes from memory while other work is done.</summary>
    /// <param name="host">The Host header, in ASCII.</param>
    /// <param name="buffer">Room for its letters, <see cref="HostRoom"/>.</param>
    /// <param name="table">The routes.</param>
    public static HostKey KeyOf(ReadOnlySpan<byte> host, Span<char> buffer, RouteTable table)
    {
        if (Ascii.ToUtf16(host, buffer[..LongestHost], out var length) != OperationStatus.Done)
        {
            return default;
        }

        var key = new HostKey(HostText.Normalise(buffer[..length], buffer[LongestHost..]));
        table.Fetch(key);
        return key;
    }

    /// <summary>The route of requests for a host, whatever else they ask for; null where more has to be looked at.</summary>
    /// <param name="key">The host.</param>
    /// <param name="client">Who asks.</param>
    /// <param name="table">The routes.</param>
    /// <param name="isSure">It stays so for as long as these are the routes, whoever is of the LAN.</param>
    /// <param name="text">The host, where the table has it by its name; else null.</param>
    public RouteEntry? RouteOf(HostKey key, IPAddress client, RouteTable table, out bool isSure, out string? text)
    {
        (isSure, text) = (false, null);
        var name = key.Host;
        return name.IsEmpty || name.EndsWith(Local) || char.IsAsciiDigit(name[^1]) || name.SequenceEqual(dns.Host) || name.SequenceEqual(box.Host)
            ? null
            : table.FindByHost(key, client, lan, out isSure, out text);
    }

    /// <summary>What may change between two requests for one host.</summary>
    /// <param name="head">The request.</param>
    /// <param name="client">Who asks; IPv4 as IPv4.</param>
    public bool MayTake(in FrontHead head, IPAddress client) =>
        challenges.IsIdle && !listeners.IsLeaving && !bans.Holds(client) && !head.Target.StartsWith("/.edge/"u8) && !head.Target.StartsWith("/%"u8)
        && (!access.HidesCookies || head.Value(FieldKind.Cookie).IsEmpty);

    /// <summary>Where requests of a route go now; null when there is a choice, or nowhere to go.</summary>
    /// <param name="entry">The route.</param>
    /// <param name="state">The same as YARP has it; null where nothing has changed since the route learned of it.</param>
    public StraightDestination? DestinationOf(RouteEntry entry, out DestinationState? state)
    {
        state = null;
        if (straight.IsOpen && entry.IsSound(updates.Era) && entry.Sole is { AnswersStrangely: false } sole)
        {
            return sole;
        }

        var available = entry.Model.Cluster!.DestinationsState.AvailableDestinations;
        state = available.Count == 1 ? available[0] : null;
        return state is null ? null : straight.For(entry, state);
    }

    /// <summary>Strict-Transport-Security; null for none.</summary>
    public string? PromiseOf(RouteEntry entry, string host, ListenerFeature connection) =>
        connection.Kind == ListenerKind.Https && (entry.Policy?.Hsts ?? options.Hsts) is { } rule ? hsts.ValueFor(host, rule, isProxied: false) : null;

    // The web server serves what the front leaves to it, or has all of the connection.
    private async Task ServeAsync(ConnectionContext connection, ListenerFeature listener, IPEndPoint client, ConnectionDelegate next, ConnectionDelegate alone)
    {
        try
        {
            if (IsHttp2(connection) ? await ServeHttp2Async(connection, listener, client, next) : await ServeAsync(connection, listener, client))
            {
                await alone(connection);
            }
        }
        finally
        {
            vain.Forget(listener, 0);
        }
    }

    // What the front knows of a connection is not kept while the web server has it.
    private async Task<bool> ServeAsync(ConnectionContext connection, ListenerFeature listener, IPEndPoint client)
    {
        var front = new FrontConnection(this, connection, listener, client.Address);
        watch.Add(front);
        try
        {
            return await front.ServeAsync();
        }
        finally
        {
            watch.Remove(front);
        }
    }

    private async Task<bool> ServeHttp2Async(ConnectionContext connection, ListenerFeature listener, IPEndPoint client, ConnectionDelegate next)
    {
        if (connection is not LoopConnection { Loop: var loop } own)
        {
            return true;
        }

        // A handshake that never had to wait is still on the thread that took the connection.
        await new LoopHop(loop);
        var front = new Http2Connection(this, own, listener, client.Address, loop, next);
        watch.Add(front);
        try
        {
            return await front.ServeAsync();
        }
        finally
        {
            watch.Remove(front);
        }
    }

    // Where a proxy may speak for its clients, and where everything is sent elsewhere, there is nothing to do here.
    private bool MayServe(ListenerKind kind, IPEndPoint client) =>
        (kind == ListenerKind.Https || listeners.PublicHttpsPort is null)
        && !proxies.Trusts(client.Address);
}

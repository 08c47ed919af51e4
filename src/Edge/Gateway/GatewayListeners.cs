using System.Net;
using System.Net.Security;
using System.Text;
using System.Security.Authentication;
using Edge.Access.ClientCertificates;
using Edge.Acme;
using Edge.Connections;
using Edge.Connections.Tls;
using Edge.Gateway.Front;
using Edge.Observability.Metrics;
using Edge.Streams;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Edge.Gateway;

/// <summary>The gateway's HTTP and HTTPS endpoints in Kestrel, which carries the admin API's as well.</summary>
/// <param name="options">Where to listen.</param>
/// <param name="certificates">Gives the certificate for a server name; null when there is none for it.</param>
/// <param name="connections">Counts connections and handshakes.</param>
/// <param name="gate">Sees every connection first; null for none.</param>
/// <param name="challenges">The TLS challenges that run now; null for none.</param>
/// <param name="tls">For handshakes on the event loops; null where Kestrel's own transport carries the connections.</param>
/// <param name="asks">Whether clients of a server name are asked for a certificate; nobody is when left out.</param>
/// <param name="plain">Answers clients that speak plain HTTP at an HTTPS port; nobody does when left out.</param>
internal sealed class GatewayListeners(
    GatewayOptions options,
    Func<string?, SslStreamCertificateContext?> certificates,
    ConnectionMetrics connections,
    StreamGate? gate = null,
    TlsChallenges? challenges = null,
    ILogger<TlsConnections>? tls = null,
    Func<string, bool>? asks = null,
    PlainAtTls? plain = null)
{
    private const string RefusesBareLineFeeds = "Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators";
    private static readonly List<SslApplicationProtocol> Protocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    private readonly List<(ListenerKind Kind, ListenOptions Listen)> _listeners = [];
    private volatile bool _isLeaving;

    /// <summary>The endpoints as they are: what was asked for, and once Kestrel runs, with the ports it got for port 0.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => _listeners.Count == 0
        ? [.. options.Http, .. options.Https]
        : [.. _listeners.Select(listener => listener.Listen.IPEndPoint!)];

    /// <summary>The port that clients use for HTTPS; null without HTTPS.</summary>
    public int? PublicHttpsPort => options.Https.IsEmpty ? null : options.HttpsPort ?? Port(ListenerKind.Https);

    /// <summary>The connections that are open.</summary>
    public OpenConnections Open { get; } = new();

    /// <summary>Every request is the last one of its connection.</summary>
    public bool IsLeaving
    {
        get => _isLeaving;
        set => _isLeaving = value;
    }

    /// <summary>Whether a request came over a connection that was made for another host.</summary>
    public bool IsMisdirected(ListenerFeature? listener, string host) => listener is not null && listener.IsMisdirected(host, certificates);

    /// <summary>The port of the first listener of a kind; null when there is none.</summary>
    public int? Port(ListenerKind kind) => _listeners.Find(listener => listener.Kind == kind).Listen?.IPEndPoint?.Port;

    /// <summary>Takes note that a request has come over a connection.</summary>
    public void Ask(ListenerFeature? connection)
    {
        if (connection?.Ask() is true)
        {
            connections.Ask();
        }
    }

    /// <summary>Adds the endpoints.</summary>
    public void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        // Some write names of files, or cookies, in bytes of their own (RFC 9110 section 5.5): they arrive as they are.
        kestrel.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        // A table of headers for each HTTP/2 connection (RFC 7541 section 2.3.2) costs more than the bytes that it saves, and
        // its hits tell who can watch lengths what a secret header begins with (section 7.1).
        kestrel.AllowResponseHeaderCompression = false;
        // RFC 9112 section 2.2 allows a bare LF for a line's end; who sends one today wants two parties to see two messages.
        AppContext.SetSwitch(RefusesBareLineFeeds, true);
        // Who has said nothing whole in this time is no browser on a bad line; Kestrel waits 30 seconds.
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        // A dead peer behind HTTP/2 is noticed; behind HTTP/1.1 the timeouts of a request do it.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        foreach (var endPoint in options.Http)
        {
            Listen(kestrel, endPoint, ListenerKind.Http, way =>
            {
                Begin(way, ListenerKind.Http, ListenerFeature.Http);
                UseFront(way, ListenerKind.Http);
            });
        }

        var secured = tls is null ? null : new TlsConnections(Handshake, tls, options.Tls == TlsKind.OpenSsl ? TlsLibrary.Find(tls) : null);
        foreach (var endPoint in options.Https)
        {
            Listen(kestrel, endPoint, ListenerKind.Https, way =>
            {
                Begin(way, ListenerKind.Https, ListenerFeature.Https);
                Secure(way, secured);
                UseFront(way, ListenerKind.Https);
            });
        }
    }

    /// <summary>Marks the connections of a listener, so that each request knows where it came in.</summary>
    public static void Mark(IConnectionBuilder way, ListenerFeature feature) => way.Use(next => connection =>
    {
        connection.Features.Set(feature.ForConnection(connection));
        return next(connection);
    });

    // On the event loops all of the way comes before the web server, which goes on with what it is left; on the framework's transport the
    // web server runs it.
    private void Listen(KestrelServerOptions kestrel, IPEndPoint endPoint, ListenerKind kind, Action<IConnectionBuilder> build)
    {
        var way = tls is null ? null : new ConnectionBuilder(kestrel.ApplicationServices);
        kestrel.Listen(way is null ? endPoint : new LoopEndPoint(endPoint, way), listen =>
        {
            // Plain HTTP/2 by prior knowledge cannot share a port with HTTP/1.1; browsers never speak it.
            listen.Protocols = kind == ListenerKind.Https ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
            _listeners.Add((kind, listen));
            build(way ?? (IConnectionBuilder)listen);
            if (way is not null)
            {
                listen.Use(OfferedConnection.Before);
            }
        });
    }

    private void Begin(IConnectionBuilder way, ListenerKind kind, ListenerFeature feature)
    {
        if (gate is not null)
        {
            way.Use(next => gate.Use(next, kind == ListenerKind.Https));
        }

        Mark(way, feature);
        way.Use(Count);
    }

    private void Secure(IConnectionBuilder way, TlsConnections? secured)
    {
        if (challenges is not null)
        {
            TlsChallengeConnections.Use(way, challenges);
        }

        plain?.Use(way);
        if (secured is not null)
        {
            secured.Use(way);
        }
        else
        {
            ((ListenOptions)way).UseHttps(new TlsHandshakeCallbackOptions { OnConnection = handshake => ValueTask.FromResult(Handshake(handshake.ClientHelloInfo, handshake.Connection)) });
        }

        way.Use(next => connection =>
        {
            connections.HandshakeEnds();
            return next(connection);
        });
    }

    // It stands on the event loops' connections, and is made when everything else is there.
    private void UseFront(IConnectionBuilder way, ListenerKind kind) => way.Use(next => tls is not null
        ? way.ApplicationServices.GetRequiredService<FrontDoor>().Before(next, kind)
        : way.ApplicationServices.GetRequiredService<UntakenWatch>().Before(next));

    private ConnectionDelegate Count(ConnectionDelegate next) => async connection =>
    {
        connections.Enter();
        Open.Enter(connection);
        try
        {
            await next(connection);
        }
        finally
        {
            Open.Leave(connection);
            connections.Leave(connection.Features.Get<ListenerFeature>()?.HasAsked is true);
        }
    };

    // The context with the whole chain is built once per certificate. Kestrel's other ways build the chain anew at every
    // handshake, which takes twice the time and loses the intermediates.
    private SslServerAuthenticationOptions Handshake(SslClientHelloInfo hello, ConnectionContext connection)
    {
        connections.HandshakeBegins();
        var name = hello.ServerName;

        // Who comes to an address by itself sends no name (RFC 6066 §3): a certificate for that address is shown then.
        var certificate = certificates(name.Length > 0 ? name : (connection.LocalEndPoint as IPEndPoint)?.Address is { } address ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : null)
            ?? throw new AuthenticationException($"no certificate for \"{name}\"");
        connection.Features.Get<ListenerFeature>()?.Name(name);
        var how = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = Protocols,
        };
        if (name.Length > 0 && asks?.Invoke(name) is true)
        {
            ShownCertificate.Ask(how, connection.Features, name);
        }

        return how;
    }
}

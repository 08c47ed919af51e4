using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Gateway;

/// <summary>Requests that are none for any service, whatever their host.</summary>
internal static class RequestForm
{
    private const string WebSocket = "websocket";

    // Of all the methods there are, what is not known here is passed on all the same.
    private static readonly GatewayPage NoTunnel = new(
        StatusCodes.Status405MethodNotAllowed, "This gateway is no proxy for tunnels", "CONNECT asks for a connection to somewhere else, which is not made here.")
    {
        Header = new("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
    };

    private static readonly GatewayPage NoProtocol = new(
        StatusCodes.Status501NotImplemented, "This gateway does not speak that protocol", "Over HTTP/2, CONNECT can begin a WebSocket here, and nothing else.");

    private static readonly GatewayPage Malformed = new(
        StatusCodes.Status400BadRequest, "The request has a header that HTTP/2 does not have", "Headers that belong to a connection, such as Transfer-Encoding or Upgrade, are for HTTP/1.1 alone.");

    /// <summary>What a request is answered that is not looked at any further; null for all others.</summary>
    public static GatewayPage? RefusalOf(HttpContext context)
    {
        var request = context.Request;

        // RFC 9110 §9.3.6: CONNECT is for proxies. RFC 8441 §4: with :protocol it begins a WebSocket. RFC 9220 §3: others are 501.
        if (HttpMethods.IsConnect(request.Method))
        {
            return context.Features.Get<IHttpExtendedConnectFeature>() is not { IsExtendedConnect: true } extended ? NoTunnel
                : extended.Protocol == WebSocket ? null : NoProtocol;
        }

        return HttpProtocol.IsHttp2(request.Protocol) && IsOfConnection(request.Headers) ? Malformed : null;
    }

    /// <summary>The method that a route goes by: what begins a WebSocket is a GET to all but HTTP/2 (RFC 8441 section 5).</summary>
    public static string MethodOf(HttpRequest request) => HttpMethods.IsConnect(request.Method) ? HttpMethods.Get : request.Method;

    // RFC 9113 §8.2.2: such a request is malformed. The web server refuses Connection, and TE that says more than "trailers".
    private static bool IsOfConnection(IHeaderDictionary headers) =>
        headers.TransferEncoding.Count + headers.Upgrade.Count + headers.KeepAlive.Count + headers.ProxyConnection.Count > 0;
}

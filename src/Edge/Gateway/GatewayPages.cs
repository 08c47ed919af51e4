using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway;

/// <summary>The wording of each answer of the gateway itself. None of them tells a stranger what is configured.</summary>
internal static class GatewayPages
{
    public static GatewayPage UnknownHost(string host) => new(
        StatusCodes.Status404NotFound,
        $"There is no service named {Shown(host)} here",
        "The name leads to this gateway, but the gateway has no service for it.",
        $"If the service is yours, declare it in a file in proxy-routes/:\n\nservices:\n  NAME:\n    host: {Shown(host)}\n    to: http://ADDRESS:PORT");

    public static GatewayPage NoRoute(string host) => new(
        StatusCodes.Status404NotFound,
        "There is nothing at this address",
        $"The gateway knows {Shown(host)}, but none of its routes takes this path and method.");

    public static GatewayPage NoFile(string host) => new(
        StatusCodes.Status404NotFound,
        "There is nothing at this address",
        $"{Shown(host)} has no such page.");

    public static GatewayPage Loop(string host) => new(
        StatusCodes.Status508LoopDetected,
        $"The way to {Shown(host)} leads in a circle",
        "The service's destination is this gateway itself, so the request came back to where it had been. It was stopped.",
        "Let the service's \"to\" name the program behind it (its own address and port), not a name or address of this gateway.");

    public static GatewayPage Misdirected(string host) => new(
        StatusCodes.Status421MisdirectedRequest,
        "The request came over the wrong connection",
        $"The connection was made for another name than {Shown(host)}, and with another certificate.",
        "Clients that connect anew, for this name, are served.");

    /// <summary>A connection that was made for another host, before the service asked for certificates, or without TLS (RFC 9110 section 15.5.20).</summary>
    public static GatewayPage NotAsked(string host) => new(
        StatusCodes.Status421MisdirectedRequest,
        "The request came over the wrong connection",
        $"{Shown(host)} asks its clients for a certificate while they connect, and this connection was not made for it.",
        "Clients that connect anew by HTTPS, for this name, are asked.");

    /// <summary>The connection is that of a proxy, and so is any certificate that was shown on it.</summary>
    public static GatewayPage CertificateOfProxy(string host) => new(
        StatusCodes.Status403Forbidden,
        "This service asks for a certificate of yours",
        $"{Shown(host)} asks its clients for a certificate, and the request came over a proxy, which can only show its own.",
        "Connect to the gateway itself, or let the proxy pass TLS through.");

    public static GatewayPage Banned(System.Net.IPAddress client) => new(
        StatusCodes.Status403Forbidden,
        "Your address is shut out for a while",
        $"Too much has come from {client} lately that was refused: wrong passwords, or requests for what is not here.",
        "Try again later. Whoever runs this gateway can end it at once: edge bans remove ADDRESS")
    {
        Header = new("Connection", "close"),
    };

    public static GatewayPage NoHost { get; } = new(
        StatusCodes.Status400BadRequest,
        "The request names no host",
        "The gateway chooses the service by the name in the request, and there is none.",
        "A client of HTTP/1.0 has to send a Host header here as well.");

    /// <summary>A proxy that is believed contradicts itself, or says who asks in a way that cannot be read.</summary>
    public static GatewayPage NoClient { get; } = new(
        StatusCodes.Status400BadRequest,
        "It is not clear who asks",
        "The request came over a proxy that is believed, but its X-Forwarded-For and Forwarded headers contradict each other, or name nobody that can be read.",
        "Let the proxy set one of the two, and drop the other if a client sends it.");

    /// <summary>A body of which only its way showed that it is none.</summary>
    /// <param name="reason">What the web server says of it.</param>
    public static GatewayPage MalformedBody(string reason) => new(
        StatusCodes.Status400BadRequest,
        "The body of the request could not be read",
        $"It is no well-formed HTTP: {reason}")
    {
        Header = new("Connection", "close"),
    };

    /// <summary>Plain HTTP where TLS is spoken.</summary>
    /// <param name="host">The Host header; empty when there is none.</param>
    public static GatewayPage PlainAtTls(string host) => new(
        StatusCodes.Status400BadRequest,
        "This port speaks HTTPS",
        "The request came as plain HTTP, without TLS.",
        Shown(host) is var name && HostText.Port(host) is { } port ? $"Ask for https://{name}:{port}/" : host.Length == 0 ? null : $"Ask for https://{name}/");

    /// <summary>A body that is longer than its route takes.</summary>
    public static readonly GatewayPage TooLarge = new(StatusCodes.Status413PayloadTooLarge, "The request is too large", "The route limits the size of a request's body.");

    /// <summary>The answer where forwarding failed with this status.</summary>
    public static GatewayPage Failed(int status, string host, ForwarderError error) => (status, error) switch
    {
        (StatusCodes.Status504GatewayTimeout, _) => new(status, $"{Shown(host)} took too long to answer", "The service behind this name accepted the request but did not answer in time."),
        (StatusCodes.Status503ServiceUnavailable, _) => new(status, $"{Shown(host)} is not available", "None of the destinations of this service is healthy at the moment."),
        (StatusCodes.Status413PayloadTooLarge, _) => TooLarge,
        ( < 500, _) => new(status, "The request could not be read", "It broke off, or is not well-formed HTTP."),
        _ => new(status, $"{Shown(host)} does not answer", "The gateway could not reach the service behind this name.", "The gateway's log has the reason under the request's number below."),
    };

    /// <summary>What the web server could not take for a request of HTTP/1.1.</summary>
    public static GatewayPage Rejected(int status) => status switch
    {
        StatusCodes.Status405MethodNotAllowed => new(status, "The request has a method that its target does not take", "\"*\" is for OPTIONS, and HOST:PORT for CONNECT (RFC 9112 section 3.2)."),
        StatusCodes.Status408RequestTimeout => new(status, "The request did not come to its end in time", "The gateway waits some seconds for the headers of a request."),
        StatusCodes.Status411LengthRequired => new(status, "The request does not say how long it is", "A body has a Content-Length, or comes in chunks (RFC 9112 section 6.3)."),
        StatusCodes.Status414UriTooLong => new(status, "The address is too long", "The first line of a request may have 8 KiB."),
        StatusCodes.Status431RequestHeaderFieldsTooLarge => new(status, "The headers are too large", "A request may have 100 header fields, and 32 KiB of them. Cookies are often what is too much: delete those of this site."),
        StatusCodes.Status505HttpVersionNotsupported => new(status, "The gateway does not speak that version of HTTP", "HTTP/1.0, HTTP/1.1 and, by HTTPS, HTTP/2 are spoken here."),
        _ => new(status, "The request could not be read", "It broke off, or is not well-formed HTTP."),
    };

    // Without the port, which is no part of a service's host. What is longer than a name can be (RFC 1035 section 2.3.4)
    // is somebody's game.
    private static string Shown(string host)
    {
        Span<char> buffer = stackalloc char[HostText.Longest];
        var name = HostText.Normalise(host, buffer);
        return name.IsEmpty ? "that name" : name.ToString();
    }
}

using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Edge.Gateway.Straight;

/// <summary>
/// What a destination is asked: the client's request with the headers of <see cref="ServiceTransformer"/>. The two say the
/// same in two forms, and a test compares them.
/// </summary>
internal static class RequestHead
{
    // RFC 9110 section 5.6.2. The server lets others through, which some destinations take for less than they are.
    private static readonly SearchValues<char> TokenChars = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Writes it; 0 when the request has something in it that another way has to carry.</summary>
    /// <param name="context">A request without a body.</param>
    /// <param name="prefix">The path of the destination.</param>
    /// <param name="loopMark">This process in CDN-Loop.</param>
    /// <param name="into">Where it goes.</param>
    public static int Write(HttpContext context, ReadOnlySpan<byte> prefix, string loopMark, Span<byte> into)
    {
        var request = context.Request;
        if (RawTarget.Of(context) is not { } target)
        {
            return 0;
        }

        var head = new HeadWriter(into);
        head.Bytes(HttpMethods.IsHead(request.Method) ? "HEAD "u8 : "GET "u8);
        head.Bytes(prefix);
        head.Text(target);
        head.Bytes(" HTTP/1.1\r\nHost: "u8);
        head.Text(request.Headers.Host.ToString());
        head.Bytes("\r\n"u8);
        if (!Copy(request, ref head))
        {
            return 0;
        }

        Client(context, ref head);
        head.Header("X-Request-Id: "u8, context.TraceIdentifier);
        Mark(request.Headers[LoopGuard.HeaderName], loopMark, ref head);
        head.Bytes("\r\n"u8);
        return head.IsVoid ? 0 : head.Length;
    }

    private static bool Copy(HttpRequest request, ref HeadWriter head)
    {
        foreach (var (name, values) in request.Headers)
        {
            if (name.Equals(HeaderNames.Host, StringComparison.OrdinalIgnoreCase) || name.StartsWith(':'))
            {
                continue;
            }

            if (TakesTrailers(request, name, values))
            {
                // To the next one only (RFC 9110 section 10.1.4), which has to be said in HTTP/1.1.
                head.Bytes("TE: trailers\r\nConnection: TE\r\n"u8);
                continue;
            }

            if (IsForOtherWays(name, values) || name.AsSpan().ContainsAnyExcept(TokenChars))
            {
                return false;
            }

            if (HeaderTexts.StaysBehind(name) || ServiceTransformer.IsStrangers(name) || name.Equals(LoopGuard.HeaderName, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            head.Header(name, values.Count == 1 ? values[0] : Together(name, values));
        }

        return !head.IsVoid;
    }

    // The one thing that TE may say in HTTP/2, where it is for the whole way (RFC 9113 section 8.2.2). Firefox always says it.
    private static bool TakesTrailers(HttpRequest request, string name, StringValues values) =>
        name.Length == 2 && request.Protocol == HttpProtocol.Http2 && name.Equals(HeaderNames.TE, StringComparison.OrdinalIgnoreCase)
        && values.Count == 1 && string.Equals(values[0], "trailers", StringComparison.OrdinalIgnoreCase);

    // What asks for more than an answer, or names headers that only this connection has.
    private static bool IsForOtherWays(string name, StringValues values) => name.Length switch
    {
        2 => name.Equals(HeaderNames.TE, StringComparison.OrdinalIgnoreCase),
        6 => name.Equals(HeaderNames.Expect, StringComparison.OrdinalIgnoreCase),
        7 => name.Equals(HeaderNames.Upgrade, StringComparison.OrdinalIgnoreCase),
        10 => name.Equals(HeaderNames.Connection, StringComparison.OrdinalIgnoreCase) && !IsOnlyPersistence(values),
        14 => name.Equals(HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase),
        17 => name.Equals(HeaderNames.TransferEncoding, StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private static bool IsOnlyPersistence(StringValues connection) =>
        connection.Count == 1 && (string.Equals(connection[0], "keep-alive", StringComparison.OrdinalIgnoreCase) || string.Equals(connection[0], "close", StringComparison.OrdinalIgnoreCase));

    // One line for all: a list by commas is what several lines mean (RFC 9110 section 5.3), but for cookies (RFC 9113 section 8.2.3)
    // and for the client's name, which is a list by spaces (RFC 9110 section 10.1.5).
    private static string Together(string name, StringValues values) =>
        string.Join(
            name.Equals(HeaderNames.Cookie, StringComparison.OrdinalIgnoreCase) ? "; "
            : name.Equals(HeaderNames.UserAgent, StringComparison.OrdinalIgnoreCase) ? " "
            : ", ",
            values.ToArray());

    private static void Client(HttpContext context, ref HeadWriter head)
    {
        var host = HostText.Of(context.Request);
        if (context.Connection.RemoteIpAddress is { } client)
        {
            var address = client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;
            head.Header("X-Real-IP: "u8, address);
            Way(ForwardedChain.Of(context), context.Request.Scheme, host, address, ref head);
        }

        head.Header("X-Forwarded-Proto: "u8, context.Request.Scheme);
        if (host.Length > 0)
        {
            head.Header("X-Forwarded-Host: "u8, host);
        }
    }

    // What proxies that are believed said of the way so far goes on, with the last of them at its end.
    private static void Way(ForwardedChain? chain, string scheme, string host, IPAddress client, ref HeadWriter head)
    {
        if (chain is null)
        {
            head.Header("X-Forwarded-For: "u8, client);
            return;
        }

        head.Header("X-Forwarded-For: "u8, chain.List);
        if (chain.SaysForwarded)
        {
            head.Header("Forwarded: "u8, chain.Forwarded(scheme, host));
        }
    }

    // RFC 8586 section 2: behind those that are there.
    private static void Mark(StringValues before, string mark, ref HeadWriter head)
    {
        head.Bytes("CDN-Loop: "u8);
        if (before.ToString() is { Length: > 0 } others)
        {
            head.Text(others);
            head.Bytes(", "u8);
        }

        head.Header(""u8, mark);
    }
}

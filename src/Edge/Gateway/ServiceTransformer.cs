using Edge.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway;

/// <summary>
/// The headers between a client and a service: the host the client asked for is passed on, X-Forwarded-* say who it
/// was, and what a stranger put there is dropped, because services believe these headers.
/// </summary>
/// <param name="loops">Marks every request.</param>
/// <param name="believes">There are proxies that are believed, so that a request may have come over some.</param>
internal class ServiceTransformer(LoopGuard loops, bool believes = false) : HttpTransformer
{
    public const string RequestIdHeader = "X-Request-Id";

    /// <summary>Whether it changes nothing of a request but the headers named above.</summary>
    public virtual bool IsPlain => true;

    public override async ValueTask TransformRequestAsync(HttpContext context, HttpRequestMessage request, string destinationPrefix, CancellationToken cancellationToken)
    {
        // Copies everything but the headers of the connection, Host included.
        await base.TransformRequestAsync(context, request, destinationPrefix, cancellationToken);
        if (RawTarget.Of(context) is { } raw)
        {
            request.RequestUri = RawTarget.Behind(destinationPrefix, raw);
        }

        DropForwarded(request);
        var headers = request.Headers;
        if (context.Connection.RemoteIpAddress is { } client)
        {
            var address = (client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client).ToString();
            headers.TryAddWithoutValidation("X-Real-IP", address);
            if (!believes || !Continue(context, headers))
            {
                headers.TryAddWithoutValidation("X-Forwarded-For", address);
            }
        }

        headers.TryAddWithoutValidation("X-Forwarded-Proto", context.Request.Scheme);
        if (HostText.Of(context.Request) is { Length: > 0 } host)
        {
            headers.TryAddWithoutValidation("X-Forwarded-Host", host);
        }

        MarkRequest(context, request);
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext context, HttpResponseMessage? response, CancellationToken cancellationToken)
    {
        var copyBody = await base.TransformResponseAsync(context, response, cancellationToken);
        if (context.Response.StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent)
        {
            // They have no content (RFC 9110 sections 15.3.5 and 15.3.6), whatever a destination sends.
            context.Response.ContentLength = null;
            copyBody = false;
        }

        NominatedHeaders.Drop(response, context.Response.Headers);
        ReservedCookies.Drop(context);
        RequestDeadline.Answered(context);
        CountedBody.Begin(context);
        if (copyBody)
        {
            PromptAnswer.Begin(response, context, mayLast: true);
        }

        context.Response.Headers[RequestIdHeader] = context.TraceIdentifier;
        return copyBody;
    }

    /// <summary>Whether it is a header of ours that a stranger has set.</summary>
    public static bool IsStrangers(ReadOnlySpan<char> name) =>
        name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)
        || IdentityHeaders.IsIdentity(name)
        || name.Equals("Forwarded", StringComparison.OrdinalIgnoreCase)
        || name.Equals(RequestIdHeader, StringComparison.OrdinalIgnoreCase);

    /// <summary>What every forwarded request carries, whatever the shape of its route: the request's id and our mark.</summary>
    public void MarkRequest(HttpContext context, HttpRequestMessage request)
    {
        request.Headers.Remove(RequestIdHeader);
        request.Headers.TryAddWithoutValidation(RequestIdHeader, context.TraceIdentifier);
        loops.Mark(context.Request, request);
        NameTrailers(context, request);
    }

    // That trailers are taken is said to the next one only (RFC 9110 section 10.1.4), in HTTP/2 without saying so. What becomes a WebSocket has none.
    private static void NameTrailers(HttpContext context, HttpRequestMessage request)
    {
        if (!request.Headers.NonValidated.Contains(HeaderNames.TE))
        {
            return;
        }

        if (HttpMethods.IsConnect(context.Request.Method))
        {
            request.Headers.Remove(HeaderNames.TE);
        }
        else
        {
            request.Headers.TryAddWithoutValidation(HeaderNames.Connection, HeaderNames.TE);
        }
    }

    // What proxies that are believed said of the way so far goes on, with the last of them at its end.
    private static bool Continue(HttpContext context, System.Net.Http.Headers.HttpRequestHeaders headers)
    {
        if (ForwardedChain.Of(context) is not { } chain)
        {
            return false;
        }

        headers.TryAddWithoutValidation("X-Forwarded-For", chain.List);
        if (chain.SaysForwarded)
        {
            headers.TryAddWithoutValidation("Forwarded", chain.Forwarded(context.Request.Scheme, HostText.Of(context.Request)));
        }

        return true;
    }

    private static void DropForwarded(HttpRequestMessage request)
    {
        List<string>? strange = null;
        foreach (var header in request.Headers.NonValidated)
        {
            var name = header.Key;
            if (IsStrangers(name))
            {
                (strange ??= []).Add(name);
            }
        }

        foreach (var name in strange ?? [])
        {
            request.Headers.Remove(name);
        }
    }
}

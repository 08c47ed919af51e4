using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace Edge.PortMapping.Reach;

/// <summary>
/// Tells a box elsewhere where it comes from (GET), and tries for it whether it is reached there (POST). It connects to nobody but who
/// asks, at few ports, seldom, and says no more than whether the token was there: no scanner is made of it.
/// </summary>
/// <param name="options">The setting now.</param>
/// <param name="dial">Tries it.</param>
/// <param name="allows">Whether a client may ask once more: to be told, or to be tried.</param>
internal sealed class AddressEcho(Func<AddressEchoOptions> options, DialBack dial, Func<IPAddress, bool, bool> allows)
{
    public const string Path = "/.well-known/edge-address";

    /// <summary>What is said of a box that was reached.</summary>
    public const string Reached = "reached";

    public bool Takes(HttpContext context) => options().Enabled && context.Request.Path.Value == Path && context.Request.IsHttps;

    public async Task AnswerAsync(HttpContext context)
    {
        var client = context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : context.Connection.RemoteIpAddress ?? IPAddress.None;
        var (status, text) = await AnswerOfAsync(context, client);
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        context.Response.Headers.CacheControl = "no-store";
        if (status == StatusCodes.Status405MethodNotAllowed)
        {
            context.Response.Headers.Allow = "GET, HEAD, POST";
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.WriteAsync(text, context.RequestAborted);
        }
    }

    private async Task<(int Status, string Text)> AnswerOfAsync(HttpContext context, IPAddress client)
    {
        var method = context.Request.Method;
        if (!HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && !HttpMethods.IsPost(method))
        {
            return (StatusCodes.Status405MethodNotAllowed, $"{Path} takes GET and POST\n");
        }

        if (!allows(client, HttpMethods.IsPost(method)))
        {
            return (StatusCodes.Status429TooManyRequests, "too often\n");
        }

        if (!HttpMethods.IsPost(method))
        {
            return (StatusCodes.Status200OK, $"{client}\n");
        }

        var asked = context.Request.Query;
        if (!int.TryParse(asked["port"], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || !options().Ports.Contains(port))
        {
            return (StatusCodes.Status400BadRequest, $"port: one of {string.Join(", ", options().Ports)} is tried here\n");
        }

        if (asked["token"].ToString() is var token && !WayInTokens.IsToken(token))
        {
            return (StatusCodes.Status400BadRequest, "token: 32 digits of 0-9 and a-f\n");
        }

        if (asked["host"].ToString() is var host && (host.Length > 253 || Uri.CheckHostName(host) != UriHostNameType.Dns))
        {
            return (StatusCodes.Status400BadRequest, "host: the name of your box\n");
        }

        return (StatusCodes.Status200OK, $"{client}\n{await dial.TryAsync(new IPEndPoint(client, port), host, token, context.RequestAborted) ?? Reached}\n");
    }
}

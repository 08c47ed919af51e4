using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Net;
using Edge.Dns.Nameserver;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Edge.Gateway;

/// <summary>DNS over HTTPS (RFC 8484) at /dns-query, on the gateway's own port and under the names of this box.</summary>
/// <param name="processor">Who answers; null where DNS over HTTPS is switched off.</param>
/// <param name="host">The name of this box, lower case.</param>
internal sealed class DnsOverHttps(QueryProcessor? processor, string host)
{
    public const string Path = "/dns-query";
    private const string MediaType = "application/dns-message";

    // A DNS message is no longer than this over any transport, and no shorter than its header.
    private const int MaxMessage = 65535;
    private const int MinMessage = 12;

    /// <summary>Nowhere.</summary>
    public static readonly DnsOverHttps Off = new(null, "");

    /// <summary>The name of this box; empty for none.</summary>
    public string Host => host;

    /// <summary>Whether the request is for DNS: the path, under the name of this box or the address that was asked.</summary>
    public bool Takes(HttpContext context, string asked)
    {
        if (processor is null || context.Request.Path.Value != Path)
        {
            return false;
        }

        return OwnName.IsAsked(context, asked, host);
    }

    /// <summary>Answers the request.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        var query = ArrayPool<byte>.Shared.Rent(MaxMessage);
        var answer = ArrayPool<byte>.Shared.Rent(MaxMessage);
        try
        {
            // 1. The query: in the path for GET, which caches like, or the body of a POST (RFC 8484 §4.1).
            var (status, length) = context.Request.Method switch
            {
                "GET" => ReadPath(context.Request, query),
                "POST" => await ReadBodyAsync(context.Request, query),
                _ => (StatusCodes.Status405MethodNotAllowed, 0),
            };
            if (status != StatusCodes.Status200OK)
            {
                Refuse(context, status);
                return;
            }

            // 2. The answer. Whoever speaks to us is the client: no header decides the view.
            var answered = await ProcessAsync(context, query.AsMemory(0, length), answer.AsMemory(0, MaxMessage));
            if (answered == 0)
            {
                Refuse(context, StatusCodes.Status400BadRequest);
                return;
            }

            // 3. Codes of DNS stand in the message: HTTP says that there is one (RFC 8484 §4.2.1).
            await WriteAsync(context, answer.AsMemory(0, answered));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(query);
            ArrayPool<byte>.Shared.Return(answer);
        }
    }

    private static (int Status, int Length) ReadPath(HttpRequest request, byte[] query)
    {
        if (request.Query["dns"] is not [{ Length: > 0 } text])
        {
            return (StatusCodes.Status400BadRequest, 0);
        }

        // base64url without padding (RFC 8484 §6).
        var isQuery = Base64Url.DecodeFromChars(text, query, out _, out var length) == OperationStatus.Done && length >= MinMessage;
        return (isQuery ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest, length);
    }

    private static async ValueTask<(int Status, int Length)> ReadBodyAsync(HttpRequest request, byte[] query)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase))
        {
            return (StatusCodes.Status415UnsupportedMediaType, 0);
        }

        if (request.ContentLength > MaxMessage)
        {
            return (StatusCodes.Status413PayloadTooLarge, 0);
        }

        var length = 0;
        while (length < query.Length)
        {
            var read = await request.Body.ReadAsync(query.AsMemory(length), request.HttpContext.RequestAborted);
            length += read;
            if (read == 0)
            {
                return (length < MinMessage ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK, length);
            }

            if (length > MaxMessage)
            {
                break;
            }
        }

        return (StatusCodes.Status413PayloadTooLarge, 0);
    }

    private async ValueTask<int> ProcessAsync(HttpContext context, ReadOnlyMemory<byte> query, Memory<byte> answer)
    {
        var connection = context.Connection;
        var asks = new QueryContext(
            ClientAddress.From(connection.RemoteIpAddress ?? IPAddress.None), Transport.Https, ClientAddress.From(connection.LocalIpAddress ?? IPAddress.None));
        var outcome = processor!.Process(query.Span, asks, answer.Span, out var length);
        return outcome == QueryOutcome.Deferred ? await processor.ResolveAsync(query, asks, answer, context.RequestAborted) : length;
    }

    private static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> answer)
    {
        var response = context.Response;
        response.ContentType = MediaType;
        response.ContentLength = answer.Length;
        // As long as the record that lives shortest (RFC 8484 §5.1); for this client only, since others may see other records.
        response.Headers.CacheControl = AnswerLifetime.Of(answer.Span) is { } seconds
            ? string.Create(CultureInfo.InvariantCulture, $"private, max-age={seconds}")
            : "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        await response.Body.WriteAsync(answer, context.RequestAborted);
    }

    private static void Refuse(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        if (status == StatusCodes.Status405MethodNotAllowed)
        {
            context.Response.Headers.Allow = "GET, POST";
        }
    }
}

using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Edge.Access;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>What the gateway itself answers: a small page for browsers, a problem document (RFC 9457) or plain text for programs.</summary>
/// <param name="Status">The HTTP status code.</param>
/// <param name="Title">One line.</param>
/// <param name="Detail">What it means.</param>
/// <param name="Hint">What to do; may hold several lines, which are shown as they are.</param>
internal sealed record GatewayPage(int Status, string Title, string Detail, string? Hint = null)
{
    /// <summary>A header of the answer beside those every page has.</summary>
    public KeyValuePair<string, string>? Header { get; init; }

    private const string Html = "text/html; charset=utf-8";
    private const string Style = "body{font:16px/1.5 system-ui,sans-serif;max-width:38em;margin:12vh auto;padding:0 1em;color:#222;background:#fff}h1{font-size:1.4em}pre{background:#f3f3f3;padding:.8em;overflow:auto}small{color:#666}@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}pre{background:#262626}small{color:#999}}";

    /// <summary>Writes the answer in the form that the request accepts. The response must not have started.</summary>
    /// <param name="context">The request.</param>
    /// <param name="own">The user's own page for browsers; null for the gateway's.</param>
    public async Task WriteAsync(HttpContext context, ErrorPage? own = null)
    {
        var response = context.Response;
        var id = context.TraceIdentifier;
        var accept = context.Request.Headers.Accept.ToString();
        var ownPage = own is not null && AcceptsHtml(accept) ? own.Render(context, this) : null;
        var (type, body) = ownPage is null ? Form(accept, id) : (Html, ownPage);
        response.Clear();
        response.StatusCode = Status;
        OwnCookies.Restore(context);
        Head(response.Headers, type, body.Length, id);
        // RFC 9113 section 8.2.2: HTTP/2 has no headers of connections.
        if (Header is var (name, value) && !(name == "Connection" && HttpProtocol.IsHttp2(context.Request.Protocol)))
        {
            response.Headers[name] = value;
        }

        if (ownPage is not null)
        {
            response.Headers.ContentSecurityPolicy = default;
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }

        await UnreadBody.DrainAsync(context);
    }

    /// <summary>The answer in the form that a request accepts, and its type.</summary>
    public (string Type, byte[] Body) Form(string accept, string id) =>
        AcceptsHtml(accept) ? (Html, Page(id))
        : accept.Contains("json", StringComparison.OrdinalIgnoreCase) ? ("application/problem+json", Json(id))
        : ("text/plain; charset=utf-8", Text(id));

    /// <summary>The headers that every answer of the gateway itself has.</summary>
    public static void Head(IHeaderDictionary headers, string type, int length, string id)
    {
        headers.ContentType = type;
        headers.ContentLength = length;
        headers[ServiceTransformer.RequestIdHeader] = id;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
        headers.Vary = "Accept";
    }

    private static bool AcceptsHtml(string accept) => accept.Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private byte[] Page(string id)
    {
        var encode = HtmlEncoder.Default;
        var hint = Hint is null ? "" : $"<pre>{encode.Encode(Hint)}</pre>";
        return Encoding.UTF8.GetBytes(
            $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{Status} {encode.Encode(Title)}</title><style>{Style}</style></head>"
            + $"<body><h1>{encode.Encode(Title)}</h1><p>{encode.Encode(Detail)}</p>{hint}<p><small>{Status} · request {encode.Encode(id)}</small></p></body></html>\n");
    }

    private byte[] Text(string id) =>
        Encoding.UTF8.GetBytes($"{Status} {Title}\n{Detail}\n{(Hint is null ? "" : $"\n{Hint}\n")}\nrequest {id}\n");

    private byte[] Json(string id)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", "about:blank");
            json.WriteNumber("status", Status);
            json.WriteString("title", Title);
            json.WriteString("detail", Detail);
            if (Hint is not null)
            {
                json.WriteString("hint", Hint);
            }

            json.WriteString("requestId", id);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}

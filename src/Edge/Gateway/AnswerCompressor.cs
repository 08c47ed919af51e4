using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Edge.Gateway;

/// <summary>
/// Compresses what a destination sends, as far as its type gains by it. ASP.NET's middleware does the work, with every
/// write passed on at once, so that what streams goes on streaming.
/// </summary>
internal sealed class AnswerCompressor : ResponseCompressionProvider
{
    // Below it the overhead of a compressed answer is more than the gain.
    private const int LeastBytes = 256;

    private static readonly string[] Types =
    [
        "text/plain", "text/html", "text/css", "text/javascript", "text/xml", "text/csv", "text/markdown", "text/calendar",
        "application/javascript", "application/json", "application/ld+json", "application/problem+json", "application/manifest+json",
        "application/xml", "application/xhtml+xml", "application/rss+xml", "application/atom+xml", "application/wasm", "image/svg+xml",
    ];

    private readonly ResponseCompressionMiddleware _middleware;

    /// <param name="encodings">"br" and "gzip", the preferred first.</param>
    /// <param name="services">The program's services, which the framework's part asks for its log.</param>
    public AnswerCompressor(IEnumerable<string> encodings, IServiceProvider services)
        : base(services, Options.Create(OptionsFor(encodings))) => _middleware = new ResponseCompressionMiddleware(Continuation.RunAsync, this);

    public Task InvokeAsync(HttpContext context, Func<Task> next)
    {
        context.Features.Set(new Continuation(next));
        return _middleware.Invoke(context);
    }

    public override bool ShouldCompressResponse(HttpContext context)
    {
        var headers = context.Response.Headers;
        if (context.Response.StatusCode is not (>= 200 and < 300) || context.Response.StatusCode is StatusCodes.Status204NoContent
            || headers.ContentLength < LeastBytes
            // RFC 9111 section 5.2.2.6: what may not be transformed.
            || headers.CacheControl.ToString().Contains("no-transform", StringComparison.OrdinalIgnoreCase)
            // Parts (RFC 9110 section 14.4) and what is encoded already are left as they are.
            || !base.ShouldCompressResponse(context)
            || GetCompressionProvider(context) is null)
        {
            return false;
        }

        // RFC 9110 section 8.8.3.3: another encoding is another representation, so its bytes are not those of a strong tag.
        if (headers.ETag.ToString() is { Length: > 0 } tag && !tag.StartsWith("W/", StringComparison.Ordinal))
        {
            headers.ETag = "W/" + tag;
        }

        headers.Remove(HeaderNames.AcceptRanges);
        return true;
    }

    private static ResponseCompressionOptions OptionsFor(IEnumerable<string> encodings)
    {
        var options = new ResponseCompressionOptions { EnableForHttps = true, MimeTypes = Types };
        foreach (var encoding in encodings)
        {
            options.Providers.Add(encoding == "br"
                ? new BrotliCompressionProvider(Options.Create(new BrotliCompressionProviderOptions { Level = CompressionLevel.Fastest }))
                : new GzipCompressionProvider(Options.Create(new GzipCompressionProviderOptions { Level = CompressionLevel.Fastest })));
        }

        return options;
    }
}

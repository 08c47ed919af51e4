using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Edge.Services;

/// <summary>A refusal as one problem document (RFC 9457) that names every field at fault.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Kind">The last part of the type, by which a program tells problems apart: "host-held".</param>
/// <param name="Title">The kind in words.</param>
/// <param name="Detail">What happened here.</param>
/// <param name="Errors">Every field at fault; none where it is not about a field.</param>
internal sealed record ProblemDocument(int Status, string Kind, string Title, string Detail, ImmutableArray<FieldError> Errors)
{
    public const string ContentType = "application/problem+json";

    // People read this in a terminal: quotes stay quotes. No browser takes it for HTML.
    private static readonly JsonWriterOptions Legible = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public ProblemDocument(int status, string kind, string title, string detail)
        : this(status, kind, title, detail, [])
    {
    }

    public async Task WriteAsync(HttpContext context)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Legible))
        {
            Write(json);
        }

        buffer.Write("\n"u8);
        context.Response.StatusCode = Status;
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = buffer.WrittenCount;
        if (Status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status507InsufficientStorage)
        {
            context.Response.Headers.RetryAfter = 5.ToString(CultureInfo.InvariantCulture);
        }

        await context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted).ConfigureAwait(false);
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", $"urn:edge:problem:{Kind}");
        json.WriteString("title", Title);
        json.WriteNumber("status", Status);
        json.WriteString("detail", Detail);
        json.WriteStartArray("errors");
        foreach (var error in Errors)
        {
            json.WriteStartObject();
            json.WriteString("field", error.Field);
            json.WriteString("message", error.Message);
            if (error.Hint is not null)
            {
                json.WriteString("hint", error.Hint);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
